// Twilio's own validator for Node: reads [{token, signature, url, params, body}] and writes [bool].
// `body` stands for a request whose URL has a bodySHA256.
const { validateRequest, validateRequestWithBody } = require("twilio/lib/webhooks/webhooks");

const requests = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = requests.map(({ token, signature, url, params, body }) =>
  body === null
    ? validateRequest(token, signature, url, params)
    : validateRequestWithBody(token, signature, url, body)
);
process.stdout.write(JSON.stringify(verdicts));
