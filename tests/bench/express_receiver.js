// The shape of Okta's sample app for event hooks: Express, JSON bodies, nothing kept.
// Run as `node express_receiver.js PORT PATH`, with express in NODE_PATH.
const express = require("express");

const [port, path] = process.argv.slice(2);
const app = express();
app.use(express.json());

app.get(path, (request, response) => {
  response.json({ verification: request.get("x-okta-verification-challenge") });
});

app.post(path, (request, response) => {
  response.sendStatus(204);
});

app.listen(Number(port), "127.0.0.1");
