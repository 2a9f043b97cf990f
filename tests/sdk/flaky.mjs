// A network that fails: it hands requests on to the backend, and breaks the connection of
// some of them off after the backend took them, before its answer is there.

import { createServer, request } from "node:http";
import { buffer } from "node:stream/consumers";

const { BACKEND } = process.env;

/** Starts one that breaks off the first request, and then every third. */
export async function startFlaky() {
  let count = 0;
  const flaky = { broken: 0 };
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked);
    const options = { method: asked.method, headers: asked.headers };
    const onward = request(BACKEND + asked.url, options, async (response) => {
      const bytes = await buffer(response);
      if (count++ % 3 === 0) {
        flaky.broken += 1;
        answer.destroy();
      } else {
        answer.writeHead(response.statusCode, response.headers).end(bytes);
      }
    });
    onward.on("error", () => answer.destroy());
    onward.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  flaky.url = `http://127.0.0.1:${server.address().port}`;
  flaky.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return flaky;
}
