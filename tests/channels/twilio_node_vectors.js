// Writes twilio_node_vectors.json: requests, and whether Twilio's own library for Node takes them.
// Node 20 or newer.
//
//   npm install twilio        (in a folder of its own)
//   NODE_PATH=that-folder/node_modules node tests/channels/twilio_node_vectors.js
//
// The verdicts are twilio-node's, whatever was meant: each request goes through
// validateIncomingRequest, as its webhook middleware calls it, with the form read by Node itself.
// tests/channels/test_twilio.py holds our validator, and Twilio's for Python, to them;
// test_voice.py holds our voices to those that the library lists.
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const querystring = require("querystring");
const webhooks = require("twilio/lib/webhooks/webhooks");
const { version } = require("twilio/package.json");

const TOKEN = "an-auth-token-that-only-tests-know";
const HOST = "https://handshake.test";
const URL_OF_LINE = `${HOST}/v1/channels/twilio/ln_1`;
const WORKER = "+15550100";

const TEXTS = {
  "Chinese": "扣了两个月工资，没有合同。",
  "Chinese, traditional": "欠薪兩個月「沒有合同」",
  "Chinese outside the BMP": "𠮷𡃁𪚥",
  "Bengali": "দুই মাসের বেতন দেয়নি।",
  "Bengali with joiners": "ক্\u200dষ র\u200c্য",
  "Burmese": "လစာ နှစ်လ မပေးဘူး။",
  "Vietnamese": "Không trả lương hai tháng",
  "Vietnamese in NFD": "Không trả lương".normalize("NFD"),
  "Thai": "ไม่จ่ายค่าจ้าง",
  "Hindi": "मज़दूरी नहीं मिली",
  "Urdu": "تنخواہ\u200f نہیں ملی",
  "emoji": "😡😡 wages",
  "emoji of several, joined": "👩\u200d🏭 👨\u200d👩\u200d👧\u200d👦",
  "emoji with a tone of skin": "👍🏽👋🏿",
  "emoji with a variant": "❤\ufe0f ☎\ufe0e 1\ufe0f\u20e3",
  "flags": "🇧🇩🇲🇲🇻🇳",
  "a flag of tags": "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "plus signs": "1+1=2 ++",
  "percent signs": "50% of %41 and %2B, %E4%B8%AD %%",
  "what a form is written with": "a&b=c;d#e?f",
  "quotes and brackets": "'\"`<>[]{}|\\^~!*()",
  "spaces": "  two  before, one after ",
  "several lines": "one\r\ntwo\nthree\rfour\ttab",
  "separators of Unicode": "a\u2028b\u2029c\u0085d\u00a0e",
  "what cannot be seen": "\ufeffa\u0000b\u200bc\u2068d\u2069",
  "wide and private characters": "！Ａ\ue000\uffee",
  "nothing": "",
  "one space": " ",
};

const message = (fields) => [
  ["MessageSid", "SM1"],
  ["From", WORKER],
  ["To", "+15550199"],
  ...fields,
];

// A form as Twilio writes it, with + for a space; and as others do, with %20.
const spelt = (text) => encodeURIComponent(text).replace(/[!'()*]/g, escape);
const form = (fields, space = "+") =>
  fields
    .map((pair) => pair.map((text) => spelt(text).replaceAll("%20", space)).join("="))
    .join("&");

const sha256 = (body) => crypto.createHash("sha256").update(body).digest("hex");
const hmac = (kind, text) => crypto.createHmac(kind, TOKEN).update(text).digest("base64");

const signatureOf = ({ url, body, token = TOKEN }) =>
  webhooks.getExpectedTwilioSignature(
    token,
    url,
    url.includes("bodySHA256") ? {} : { ...querystring.parse(body) }
  );

function isAccepted({ url, body, signature }) {
  const request = {
    header: (name) => (name === "X-Twilio-Signature" ? signature : undefined),
    rawBody: body,
    body: { ...querystring.parse(body) },
  };
  return webhooks.validateIncomingRequest(request, TOKEN, { url });
}

const vectors = [];

// What was signed (a URL and a body) is sent with something changed. `apart` says why Python's
// libraries and Node's may differ about it.
function told(claim, signed, sent = {}, apart = undefined) {
  const request = { url: signed.url, body: signed.body, signature: signatureOf(signed), ...sent };
  vectors.push({ claim, ...request, accepted: isAccepted(request), ...(apart && { apart }) });
}

const changedInOnePlace = (text) => {
  const characters = [...text];
  characters[characters.length >> 1] = "x";
  return characters.join("");
};

function texts() {
  for (const [name, text] of Object.entries(TEXTS)) {
    const fields = message([["Body", text]]);
    const signed = { url: URL_OF_LINE, body: form(fields) };
    told(name, signed);
    const others = {
      "written with %20": form(fields, "%20"),
      "in another order": form([...fields].reverse()),
      "said twice": form([...fields, ["Body", text]]),
      "with one character changed": form(message([["Body", changedInOnePlace(text) || "x"]])),
      "without its joiners and variants": form(
        message([["Body", text.replace(/[\u200b-\u200f\u2060-\u2069\ufe0e\ufe0f\ufeff]/g, "")]])
      ),
      "trimmed": form(message([["Body", text.trim()]])),
      "composed": form(message([["Body", text.normalize("NFC")]])),
      "decomposed": form(message([["Body", text.normalize("NFD")]])),
      "with + for each %20": form(message([["Body", text.replaceAll(" ", "+")]])),
      "decoded once more": form(message([["Body", querystring.unescape(text)]])),
      "encoded once more": form(message([["Body", encodeURIComponent(text)]])),
    };
    const said = new Set([signed.body]);
    for (const [how, body] of Object.entries(others)) {
      if (!said.has(body)) told(`${name}, ${how}`, signed, { body });
      said.add(body);
    }
    const inName = { url: URL_OF_LINE, body: form(message([[text, "x"]])) };
    told(`${name}, as a field's name`, inName);
    if (text) {
      told(`${name}, as another field's name`, inName, { body: form(message([["Other", "x"]])) });
      const url = `${URL_OF_LINE}?message=${spelt(text)}`;
      told(`${name}, in a query`, { url, body: signed.body });
      told(`${name}, another in the query`, { url, body: signed.body }, { url: `${url}x` });
    }
  }
}

function fields() {
  const at = (pairs) => ({ url: URL_OF_LINE, body: form(pairs) });
  const pairs = message([["Body", "工资"], ["NumMedia", "0"], ["FromCity", ""], ["FromZip", ""]]);
  const signed = at(pairs);
  told("blank values", signed);
  told("blank values left out", signed, { body: form(pairs.filter(([, value]) => value)) });
  told("one more blank value", signed, { body: form([...pairs, ["FromState", ""]]) });
  told("a blank value with a space", signed, { body: `${signed.body}+` });
  told("a blank value without its =", signed, { body: signed.body.slice(0, -1) });
  told("no fields at all", at([]));
  told("a field where there was none", at([]), { body: "Body=x" });
  told("no field where there was one", at([["Body", "x"]]), { body: "" });
  for (const [number, [name, value]] of pairs.entries()) {
    const instead = (...those) => ({ body: form(pairs.toSpliced(number, 1, ...those)) });
    told(`${name} left out`, signed, instead());
    told(`${name} in small letters`, signed, instead([name.toLowerCase(), value]));
    told(`${name} said twice, differently`, signed, instead([name, value], [name, `${value}x`]));
  }
  told("a letter moved from a value to its name", at([["Body", "xy"]]), { body: "Bodyx=y" });
  const repeated = [["Media", "工资"], ["Media", "合同"], ["Media", "a"], ["Media", "工资"]];
  told("a name with several values", at(repeated));
  told("a name with several values, turned", at(repeated), { body: form(repeated.toReversed()) });
  told("a name with several values, one less", at(repeated), { body: form(repeated.slice(1, 3)) });
  told("a name with several values, one blank", at([["Media", ""], ["Media", "x"]]));
  told("a name with several emoji", at([["Media", "😡"], ["Media", "😀"], ["Media", "👩\u200d🏭"]]));
  told(
    "a name with values on both sides of U+E000 and outside the BMP",
    at([["Media", "！"], ["Media", "😡"]]),
    {},
    "Node sorts by UTF-16 code units, Python by code points."
  );
}

function urls() {
  const body = form(message([["Body", "বেতন 😡"]]));
  const from = {
    "https": `${HOST}/v1/channels/twilio/ln_1`,
    "https with its port": `${HOST}:443/v1/channels/twilio/ln_1`,
    "https with another port": `${HOST}:8443/v1/channels/twilio/ln_1`,
    "http": "http://handshake.test/v1/channels/twilio/ln_1",
    "http with its port": "http://handshake.test:80/v1/channels/twilio/ln_1",
  };
  for (const [name, url] of Object.entries(from)) {
    for (const [other, sent] of Object.entries(from)) {
      told(`signed for ${name}, sent to ${other}`, { url, body }, { url: sent });
    }
  }
  const query = `${URL_OF_LINE}?consent=C3&language=my`;
  told("a query", { url: query, body });
  told("a query with a port", { url: query.replace(".test", ".test:443"), body }, { url: query });
  for (const [how, url] of Object.entries({
    "left out": URL_OF_LINE,
    "turned": `${URL_OF_LINE}?language=my&consent=C3`,
    "with another value": `${URL_OF_LINE}?consent=C4&language=my`,
    "with a name more": `${query}&x=`,
    "with a name doubled": `${query}&language=my`,
  })) {
    told(`a query, ${how}`, { url: query, body }, { url });
  }
  for (const [how, url] of Object.entries({
    "a blank value": `${URL_OF_LINE}?q=`,
    "a name alone": `${URL_OF_LINE}?q`,
    "a plus sign": `${URL_OF_LINE}?q=a+b`,
    "%20": `${URL_OF_LINE}?q=a%20b`,
    "%2B": `${URL_OF_LINE}?q=a%2Bb`,
    "%25": `${URL_OF_LINE}?q=50%25`,
    "small hexadecimal digits": `${URL_OF_LINE}?q=%e5%b7%a5`,
    "large hexadecimal digits": `${URL_OF_LINE}?q=%E5%B7%A5`,
    "the same name twice": `${URL_OF_LINE}?q=b&q=a`,
    "two ampersands": `${URL_OF_LINE}?q=a&&r=b`,
    "a second question mark": `${URL_OF_LINE}?q=a?b`,
    "Chinese in the path": `${HOST}/%E5%B7%A5%E8%B5%84/ln_1`,
    "a slash at the end": `${URL_OF_LINE}/`,
    "two slashes": `${HOST}//v1/ln_1`,
    "dots that are no step up": `${HOST}/v1/..ln_1./x.`,
    "capitals in the path": `${HOST}/V1/Channels/LN_1`,
    "a fragment": `${URL_OF_LINE}#rc=5`,
    "a name and a password": "https://name:secret@handshake.test/v1/ln_1",
  })) {
    told(`a URL with ${how}`, { url, body });
    told(`a URL with ${how}, signed without`, { url: URL_OF_LINE, body }, { url });
  }
  told("a URL in Chinese as it is", { url: `${URL_OF_LINE}?q=工资`, body });
  told("another path", { url: URL_OF_LINE, body }, { url: `${HOST}/v1/channels/twilio/ln_2` });
  told("another host", { url: URL_OF_LINE, body }, { url: "https://handshake.example/v1/ln_1" });
  const encodes = "Node also tries the URL as it would encode it itself.";
  for (const [how, sent] of Object.entries({
    "Chinese": "?q=工资",
    "a space": "?q=a b",
    "an apostrophe": "?q=it's",
  })) {
    const url = new URL(URL_OF_LINE + sent).toString();
    told(`${how} in the URL, signed encoded`, { url, body }, { url: URL_OF_LINE + sent }, encodes);
  }
  const empty = "Python's urlsplit, and so Twilio's library for Python, drops an empty query.";
  told("a question mark with no query", { url: `${URL_OF_LINE}?`, body }, {}, empty);
  const asked = { url: `${URL_OF_LINE}?` };
  told("no query, sent with a question mark", { url: URL_OF_LINE, body }, asked, empty);
}

function hashed() {
  const bodies = {
    "an object": '{"Body": "wages"}',
    "Chinese": '{"Body": "扣了两个月工资"}',
    "Bengali and Burmese": '{"a": "বেতন", "b": "လစာ"}',
    "Vietnamese, decomposed": `{"Body": "${"trả lương".normalize("NFD")}"}`,
    "emoji": '{"Body": "👩\u200d🏭😡🇧🇩"}',
    "emoji, escaped": '{"Body": "\\ud83d\\ude21"}',
    "a list": "[1, 2.0, null]",
    "several lines": '{\r\n\t"a": 1\n}\n',
    "percent and plus signs": '{"a": "50% + %41"}',
    "what looks like a form": "Body=wages&From=x",
  };
  for (const [name, body] of Object.entries(bodies)) {
    const url = `${URL_OF_LINE}?bodySHA256=${sha256(body)}`;
    const signed = { url, body };
    told(`JSON: ${name}`, signed);
    told(`JSON: ${name}, with a port`, { url: url.replace(".test", ".test:443"), body }, { url });
    told(`JSON: ${name}, with a space more`, signed, { body: `${body} ` });
    told(`JSON: ${name}, with one changed`, signed, { body: changedInOnePlace(body) });
    const composed = body.normalize("NFC");
    if (composed !== body) told(`JSON: ${name}, composed`, signed, { body: composed });
  }
  const body = bodies.Chinese;
  const url = `${URL_OF_LINE}?bodySHA256=${sha256(body)}`;
  const other = `${URL_OF_LINE}?bodySHA256=${sha256("{}")}`;
  told("JSON: after another name", { url: url.replace("?", "?case=g_1&"), body });
  told("JSON: before another name", { url: `${url}&case=g_1`, body });
  told("JSON: the hash of another body, signed", { url: other, body });
  told("JSON: the hash put right after signing", { url: other, body }, { url });
  const inCapitals = url.replace(sha256(body), sha256(body).toUpperCase());
  const inBase64 = encodeURIComponent(Buffer.from(sha256(body), "hex").toString("base64"));
  told("JSON: the hash in capitals", { url: inCapitals, body });
  told("JSON: the hash cut short", { url: url.slice(0, -1), body });
  told("JSON: the hash in base64", { url: `${URL_OF_LINE}?bodySHA256=${inBase64}`, body });
  told("JSON: two hashes, the right one first", { url: `${url}&bodySHA256=${sha256("{}")}`, body });
  told("JSON: two hashes, the wrong first", { url: `${other}&bodySHA256=${sha256(body)}`, body });
  told("JSON: no hash in the URL, signed with one", { url, body }, { url: URL_OF_LINE });
}

function signatures() {
  const signed = { url: URL_OF_LINE, body: form(message([["Body", "မနက်ဖြန် +1%"]])) };
  const good = signatureOf(signed);
  const data = signed.url + Object.entries(querystring.parse(signed.body)).sort().flat().join("");
  for (const [how, signature] of Object.entries({
    "there": good,
    "of another token": signatureOf({ ...signed, token: "another" }),
    "of a token in capitals": signatureOf({ ...signed, token: TOKEN.toUpperCase() }),
    "of no token": signatureOf({ ...signed, token: "" }),
    "empty": "",
    "without its padding": good.replace(/=+$/, ""),
    "with a space before it": ` ${good}`,
    "with a line break after it": `${good}\n`,
    "with its first letter in the other case": good.replace(/[a-z]/i, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
    ),
    "said twice": `${good}, ${good}`,
    "in hexadecimal": Buffer.from(good, "base64").toString("hex"),
    "by SHA-256": hmac("sha256", data),
    "by MD5": hmac("md5", data),
    "of the URL alone": hmac("sha1", signed.url),
    "of the body as sent": hmac("sha1", signed.url + signed.body),
    "in Chinese": "工".repeat(28),
  })) {
    told(`a signature ${how}`, signed, { signature });
  }
}

function listed() {
  const file = require.resolve("twilio/lib/twiml/VoiceResponse").replace(/js$/, "d.ts");
  const types = fs.readFileSync(file, "utf8");
  const type = (name) =>
    [...types.match(new RegExp(`type ${name} = ([^;]+);`))[1].matchAll(/"([^"]+)"/g)].map(
      ([, value]) => value
    );
  const plain = (voice) => /Standard|^Polly\.[A-Za-z]+$/.test(voice);
  return { languages: type("SayLanguage"), voices: type("SayVoice").filter(plain) };
}

texts();
fields();
urls();
hashed();
signatures();

const provenance = {
  from: `twilio-node ${version} (npm package "twilio", MIT licence), on Node's own querystring`,
  made_by: "tests/channels/twilio_node_vectors.js, which says how; nothing here was sent by Twilio",
  licence: "the requests are made up for these tests and are under this project's licence",
};
// One request a line, in ASCII: what cannot be seen, or would be composed by an editor, is escaped.
const ascii = (value) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")
  );
fs.writeFileSync(
  process.argv[2] || path.join(__dirname, "twilio_node_vectors.json"),
  `{"provenance": ${ascii(provenance)},\n"token": ${ascii(TOKEN)},\n` +
    `"listed": ${ascii(listed())},\n"requests": [\n` +
    vectors.map(ascii).join(",\n") +
    "\n]}\n"
);
