// A script of our own with the pipeline of Kindle-ChatGPT in Node: an http server fetches the upstream's
// event stream, a TransformStream turns events into text, and plain text goes out.
// Its argument is the upstream's base URL. It prints the port on which it listens.
import http from "node:http";
import { Readable } from "node:stream";

const upstream = `${process.argv[2]}/v1beta/models/bench:streamGenerateContent?alt=sse`;

function eventsToText() {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const event = JSON.parse(line.slice(5));
        const parts = event.candidates?.[0]?.content?.parts ?? [];
        const text = parts.map((part) => part.text ?? "").join("");
        if (text) controller.enqueue(encoder.encode(text));
      }
    },
  });
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = http.createServer(async (request, response) => {
  if (request.method !== "POST") return response.end("ok");
  const { message } = await bodyOf(request);
  const answer = await fetch(upstream, {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": "bench" },
    body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: message }] }] }),
  });
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  Readable.fromWeb(answer.body.pipeThrough(eventsToText())).pipe(response);
});

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
