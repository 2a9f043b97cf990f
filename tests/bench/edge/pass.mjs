// A worker that forwards the bytes as they are, unread, with the stamp as a line of JSON
// before them.

import { ROOM, worker } from "./peer.mjs";

const encoder = new TextEncoder();

export default worker({
  limit: 48 * 1024,
  type: "application/octet-stream",
  async write(request, recognize) {
    const body = new Uint8Array(await request.arrayBuffer());
    const stamp = encoder.encode(`${JSON.stringify(await recognize())}\n`);
    const bytes = new Uint8Array(ROOM + stamp.length + body.length);
    bytes.set(stamp, ROOM);
    bytes.set(body, ROOM + stamp.length);
    return bytes;
  },
});
