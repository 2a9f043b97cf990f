/** Sending files. */
import { Unreachable } from "./client.ts";

/** Sends a request as fetch does, and says how much of its body is on its way, from 0 to 1, which fetch doesn't. */
export async function upload(request: Request, say: (share: number) => void): Promise<Response> {
  const body = await request.blob();
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open(request.method, request.url);
    for (const [name, value] of request.headers) sending.setRequestHeader(name, value);
    sending.responseType = "blob";
    sending.upload.addEventListener("progress", ({ loaded, total }) => say(total === 0 ? 1 : loaded / total));
    sending.addEventListener("load", () => {
      const { response, status, statusText } = sending;
      const headers = { "content-type": sending.getResponseHeader("content-type") ?? "" };
      resolve(new Response(response as Blob, { status, statusText, headers }));
    });
    sending.addEventListener("error", () => reject(new Unreachable("no answer")));
    sending.addEventListener("abort", () => reject(new DOMException("it was given up", "AbortError")));
    request.signal.addEventListener("abort", () => sending.abort());
    sending.send(body);
  });
}
