// Tries the API out with Swagger UI. The key is read from its field when a request leaves, and kept nowhere else.

const place = document.getElementById("operations");
const words = place.dataset;
const keyField = document.getElementById("key");
const agentField = document.getElementById("agent");
const outcome = document.getElementById("outcome");
const onlyMine = document.getElementById("only-mine");

// Shown in the examples that Swagger UI writes, in place of the real secret.
const SHOWN = "YOUR-KEY";
// The page has a field for the first, and the others only clutter the forms.
const HIDDEN = new Set(["X-Agent-ID", "X-Request-ID", "If-None-Match"]);

function authorization(key) {
  return key.includes(":") ? `key ${key}` : `Bearer ${key}`;
}

function shownAuthorization(key) {
  return key.includes(":") ? `key ${key.split(":")[0]}:${SHOWN}` : `Bearer ${SHOWN}`;
}

function addCaller(request) {
  const key = keyField.value.trim();
  const agent = agentField.value.trim();
  if (key) request.headers.Authorization = shownAuthorization(key);
  if (agent) request.headers["X-Agent-ID"] = agent;
  request.userFetch = send;
  return request;
}

// The last moment before a request leaves: the placeholder becomes the secret.
function send(url, request) {
  const headers = { ...request.headers };
  const key = keyField.value.trim();
  if (key) headers.Authorization = authorization(key);
  return fetch(url, { ...request, headers, credentials: "omit" });
}

// The document, less what the docs explain better than a form.
function forThisPage(spec) {
  // Wherever the page was opened, requests go to the same place.
  spec.servers = [{ url: location.origin + words.base }];
  delete spec.components.securitySchemes;
  for (const methods of Object.values(spec.paths)) {
    for (const operation of Object.values(methods)) {
      delete operation.security;
      operation.responses = Object.fromEntries(
        Object.entries(operation.responses).filter(([status]) => status.startsWith("2")),
      );
      operation.parameters = operation.parameters.filter(
        (parameter) => !HIDDEN.has(parameter.$ref?.split("/").pop()),
      );
      // Else Swagger UI fills in names of its own making, which the API refuses.
      for (const parameter of operation.parameters) {
        if (parameter.schema?.type === "object") parameter.example = {};
      }
    }
  }
  return spec;
}

let whole;
let ui;

async function show() {
  const answer = await fetch(words.document);
  whole = forThisPage(await answer.json());
  place.replaceChildren();
  ui = window.SwaggerUIBundle({
    spec: found(),
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    displayOperationId: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    requestInterceptor: addCaller,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

// Swagger UI's own filter knows resources only; this one finds every word of an operation's line. It leaves the
// other operations out of the document, because of a long one Swagger UI draws only the lines in sight.
function found() {
  const wanted = document.getElementById("jump").value.toLowerCase().split(/\s+/);
  const paths = {};
  for (const [path, methods] of Object.entries(whole.paths)) {
    const kept = Object.entries(methods).filter(([method, operation]) => {
      const line = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
      return wanted.every((word) => line.includes(word));
    });
    if (kept.length) paths[path] = Object.fromEntries(kept);
  }
  return { ...whole, paths };
}

function find() {
  ui?.specActions.updateSpec(JSON.stringify(found()));
}

async function check() {
  const body = await asked(`${words.base}/me`);
  if (body) tell(described(body.data), true);
}

// What the helpdesk answers to the key, or nothing: then the page says what is wrong.
async function asked(url) {
  const key = keyField.value.trim();
  if (!key) return tell(words.empty, false);
  if (!/^[!-~]+$/.test(key)) return tell(words.unprintable, false);
  try {
    const headers = { Accept: "application/json" };
    if (agentField.value.trim()) headers["X-Agent-ID"] = agentField.value.trim();
    const answer = await send(url, { headers });
    const body = await answer.json();
    return answer.ok ? body : tell(body.error.message, false);
  } catch {
    return tell(words.away, false);
  }
}

// The operations that the key can perform, or all of them again.
async function narrow() {
  const url = words.document + (onlyMine.checked ? "?for=me" : "");
  const spec = await (onlyMine.checked ? asked(url) : fetch(url).then((answer) => answer.json()));
  if (!spec) return (onlyMine.checked = false);
  whole = forThisPage(spec);
  find();
}

function described(me) {
  if (!me.person) return words.actsAsNobody;
  const values = { name: me.person.name, source: me.acting.source, access: me.scopes.join(", ") };
  return words.actsAs.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function tell(sentence, good) {
  outcome.hidden = false;
  outcome.className = good ? "notice success" : "notice error";
  outcome.textContent = sentence;
}

// Swagger UI has its own dark colours behind a class; the project's choice decides.
function adoptTheme() {
  const chosen = document.documentElement.dataset.theme;
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark-mode", dark);
}

adoptTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", adoptTheme);
document.getElementById("jump").addEventListener("input", find);
document.getElementById("check").addEventListener("click", check);
onlyMine.addEventListener("change", narrow);
for (const field of [keyField, agentField]) {
  field.addEventListener("keydown", (event) => event.key === "Enter" && check());
  field.addEventListener("input", () => (outcome.hidden = true));
}
// A page that comes back from the browser's memory must not bring the key along.
addEventListener("pagehide", () => {
  keyField.value = "";
  onlyMine.checked = false;
});
show().catch(() => (place.textContent = words.away));
