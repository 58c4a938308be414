// Calls to the server.

export class Refused extends Error {
  constructor(status, name, message) {
    super(message);
    this.status = status;
    this.kind = name;
  }
}

let ahead = 0; // by how many milliseconds the server's clock is ahead of the browser's

/** The time on the server, as a Date. */
export function now() {
  return new Date(Date.now() + ahead);
}

/** Asks; `query` may be an object or URLSearchParams. */
export function look(path, query) {
  const asked = query instanceof URLSearchParams ? query : new URLSearchParams(query || {});
  const text = asked.toString();
  return call(`api/${path}${text ? `?${text}` : ""}`, { method: "GET" });
}

/** Changes something. */
export function act(path, body) {
  return call(`api/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Perdure-Console": "1" },
  });
}

async function call(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Refused(0, "Unreachable", "The console does not answer. Does `perdure console` still run?");
  }
  const date = Date.parse(response.headers.get("Date") || "");
  // The header has whole seconds; less than two apart is no difference.
  if (date) ahead = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
  let found = {};
  try {
    found = await response.json();
  } catch {
    if (response.ok) throw new Refused(response.status, "Unreadable", "The answer could not be read.");
  }
  if (!response.ok) {
    const said = found.message || `The server answered with ${response.status}; its log says why.`;
    throw new Refused(response.status, found.error || "Error", said);
  }
  return found;
}
