// Event hook receivers in Express: a good one, and shapes in which people write them.
// Run as `node express_receiver.js PORT FILE MODE`, with express in NODE_PATH and HOOK_SECRET set.
// FILE keeps what was processed, a JSON line for each event, so that a restart forgets nothing.
const crypto = require("crypto");
const express = require("express");
const fs = require("fs");

const [port, file, mode] = process.argv.slice(2);
const counts = new Map();
if (fs.existsSync(file)) {
  for (const line of fs.readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    counts.set(JSON.parse(line), 1);
  }
}

const digest = (text) => crypto.createHash("sha256").update(text).digest();
const authenticate = (request, response, next) => {
  const presented = digest(request.get("authorization") || "");
  if (!crypto.timingSafeEqual(presented, digest(process.env.HOOK_SECRET))) {
    return response.sendStatus(401);
  }
  next();
};

const processOnce = (event) => {
  if (counts.has(event.uuid)) return;
  fs.appendFileSync(file, JSON.stringify(event.uuid) + "\n");
  counts.set(event.uuid, 1);
};

const slowly = () => new Promise((done) => setTimeout(done, 60));

const app = express();
app.get("/processed/:uuid", (request, response) => {
  response.json({ count: counts.get(request.params.uuid) || 0 });
});
const parse = express.json({ limit: "2mb" });
app.use("/hook", ...(mode === "parse-first" ? [parse, authenticate] : [authenticate, parse]));

app.get("/hook", (request, response) => {
  const challenge = request.get("x-okta-verification-challenge");
  if (!challenge) return response.sendStatus(400);
  response.json({ verification: challenge });
});

const deliver = (request, response) => {
  const events = request.body?.data?.events;
  if (!Array.isArray(events)) return response.sendStatus(400);
  if (mode === "first-event") {
    processOnce(events[0]);
  } else if (mode.startsWith("first-target")) {
    for (const event of events) {
      if (event.target[0].alternateId) processOnce(event);
    }
  } else {
    events.forEach(processOnce);
  }
  response.sendStatus(204);
};
const work = async (request, response) => {
  const events = request.body?.data?.events;
  if (!Array.isArray(events)) return response.sendStatus(400);
  for (const event of events) {
    await slowly();
    processOnce(event);
  }
  response.sendStatus(200);
};
const modes = {
  "works-first": work,
  // An error in an async handler of Express 4 ends the process.
  "first-target-async": async (request, response) => deliver(request, response),
};
app.post("/hook", modes[mode] || deliver);

// eslint-disable-next-line no-unused-vars
app.use((error, request, response, next) => {
  response.sendStatus(error.status || 500);
});

app.listen(Number(port), "127.0.0.1");
