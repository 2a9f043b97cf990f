// The backend of a run, a process of its own: answers 202 and looks at nothing. Told "keep",
// it hands the next request whole to whoever started it.

import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

let isKept = false;
const server = createServer(async (request, response) => {
  if (isKept) {
    isKept = false;
    process.send({ headers: request.headers, body: await buffer(request) });
  } else {
    request.resume();
  }
  response.writeHead(202, { "content-length": 0 }).end();
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.on("message", () => {
  isKept = true;
  process.send({});
});
process.once("disconnect", () => process.exit());
