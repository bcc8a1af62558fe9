"use strict";
// Evidence is only ever text: textContent and fillText, nothing else.
const D = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const make = (tag, text, kind) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const name = number => number < 0 ? "" : D.names[number];
const from = number => name(number) || "(local)";
const iso = t => {
  const date = new Date(t * 1000);
  return isNaN(date) ? "@" + t : date.toISOString().replace("T", " ").slice(0, 19);
};
const span = seconds => {
  const days = Math.floor(seconds / 86400), rest = Math.max(0, seconds % 86400);
  return days + "+" + [rest / 3600, rest / 60 % 60, rest % 60].map(n => String(Math.floor(n)).padStart(2, "0")).join(":");
};
const HOW = ["logout", "shutdown", "crash", "replaced", "open"];
const sum = deltas => { let all = 0; return deltas.map(delta => all += delta); };

const begins = sum(D.sessions.begin), disputed = new Set(D.sessions.disputed);
const S = begins.map((a, i) => ({
  a, b: D.sessions.seconds[i] === null ? null : a + D.sessions.seconds[i],
  user: D.sessions.user[i], line: D.sessions.line[i], source: D.sessions.source[i],
  machine: D.sessions.machine[i], how: HOW[D.sessions.how[i]], disputed: disputed.has(i),
  place: D.sessions.place[i],
}));
const F = sum(D.failed.time).map((t, i) => ({
  t, user: D.failed.user.length ? D.failed.user[i] : -1, source: D.failed.source[i],
  n: D.failed.count.length ? D.failed.count[i] : 1,
}));

// The range of everything, and where the clock stands at its end.
let low = Infinity, high = -Infinity;
const reach = t => { if (t !== null) { low = Math.min(low, t); high = Math.max(high, t); } };
for (const s of S) { reach(s.a); reach(s.b); }
for (const f of F) reach(f.t);
for (const [a, b] of D.boots) { reach(a); reach(b); }
if (low > high) { low = 0; high = 3600; }
const END = high;
const PAD = Math.max((high - low) * 0.01, 60);
low -= PAD; high += PAD;

// Time without any event may be squeezed: times and their places, both ascending.
let places = null;
function squeeze(yes) {
  places = null;
  if (!yes) return;
  const busy = S.map(s => [s.a, s.b === null ? s.a : s.b]).concat(F.map(f => [f.t, f.t]), D.boots.map(([a]) => [a, a]));
  busy.sort((x, y) => x[0] - y[0]);
  const least = (high - low) / 60, to = least / 6;
  const times = [low], at = [low];
  let end = low, shift = 0;
  for (const [a, b] of busy) {
    if (a - end > least) {
      times.push(end, a); at.push(end - shift);
      shift += a - end - to;
      at.push(a - shift);
    }
    end = Math.max(end, b);
  }
  times.push(high); at.push(high - shift);
  places = { times, at };
}
function between(xs, ys, x) {
  let i = 1;
  for (let lo = 1, hi = xs.length - 1; lo <= hi;) {
    const mid = (lo + hi) >> 1;
    if (xs[mid] < x) { lo = mid + 1; i = lo; } else { i = mid; hi = mid - 1; }
  }
  i = Math.min(i, xs.length - 1);
  const wide = xs[i] - xs[i - 1];
  return wide > 0 ? ys[i - 1] + (x - xs[i - 1]) * (ys[i] - ys[i - 1]) / wide : ys[i];
}
const put = t => places ? between(places.times, places.at, t) : t;
const back = u => places ? between(places.at, places.times, u) : u;

let view = [put(low), put(high)], hot = null, lanesBy = "line", hits = [];
const isIn = (a, b) => put(a) <= view[1] && put(b === null ? END : b) >= view[0];

function surface(id, height) {
  const canvas = $(id), ratio = window.devicePixelRatio || 1, wide = canvas.clientWidth || 900;
  canvas.style.height = height + "px";
  canvas.width = wide * ratio; canvas.height = height * ratio;
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  g.clearRect(0, 0, wide, height);
  g.font = "12px system-ui,sans-serif";
  return [g, wide];
}
const LEFT = 150;
const STEPS = [60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7862400, 31536000, 157680000];
function axis(g, wide, top, tall, a, b) {
  g.fillStyle = colour("mut"); g.strokeStyle = colour("line");
  const mark = (x, t, days) => {
    g.beginPath(); g.moveTo(x, top); g.lineTo(x, top + tall); g.stroke();
    g.fillText(days ? iso(t).slice(0, 10) : iso(t).slice(5, 16), x + 3, top + 11);
  };
  if (places) {
    for (let x = LEFT; x < wide - 60; x += 110) mark(x, back(a + (x - LEFT) / (wide - LEFT) * (b - a)), b - a > 864000);
    return;
  }
  const step = STEPS.find(step => (b - a) / step < (wide - LEFT) / 100) || STEPS[STEPS.length - 1];
  for (let t = Math.ceil(a / step) * step; t < b; t += step) mark(LEFT + (t - a) / (b - a) * (wide - LEFT), t, step >= 86400);
}
function bars(g, list, wide, floor, tall, a, b, style) {
  const count = Math.max(1, Math.floor((wide - LEFT) / 3)), bins = new Array(count).fill(0);
  for (const [t, n] of list) {
    const at = Math.floor((put(t) - a) / (b - a) * count);
    if (at >= 0 && at < count) bins[at] += n;
  }
  const most = Math.max(1, ...bins);
  g.fillStyle = style;
  bins.forEach((n, i) => {
    if (n > 0) { const h = Math.max(2, tall * Math.log1p(n) / Math.log1p(most)); g.fillRect(LEFT + i * 3, floor - h, 2.4, h); }
  });
  return most;
}
const styleOf = s => colour({ crash: "crash", open: "open", replaced: "replaced" }[s.how] || "login");

function drawStrip() {
  const [g, wide] = surface("strip", 58), a = put(low), b = put(high);
  g.fillStyle = colour("mut"); g.fillText("whole range", 4, 26);
  axis(g, wide, 0, 58, a, b);
  bars(g, S.map(s => [s.a, 1]), wide, 34, 20, a, b, colour("login"));
  bars(g, F.map(f => [f.t, f.n]), wide, 56, 20, a, b, colour("fail"));
  g.strokeStyle = colour("fg");
  const x = u => LEFT + (u - a) / (b - a) * (wide - LEFT);
  g.strokeRect(x(view[0]), 0.5, Math.max(2, x(view[1]) - x(view[0]) - 1), 57);
}
function lanesInView() {
  const lanes = new Map();
  for (const s of S) if (isIn(s.a, s.b)) {
    const key = s[lanesBy];
    if (!lanes.has(key)) lanes.set(key, []);
    lanes.get(key).push(s);
  }
  const label = key => lanesBy === "source" ? from(key) : lanesBy === "machine" ? D.machines[key] || "-" : name(key) || "-";
  const all = [...lanes].sort((x, y) => y[1].length - x[1].length).map(([key, list]) => [label(key), list]);
  const rest = all.slice(40).flatMap(([, list]) => list);
  const shown = all.slice(0, 40).sort((x, y) => x[0] < y[0] ? -1 : 1);
  if (rest.length) shown.push(["(" + (all.length - 40) + " more)", rest]);
  return shown;
}
function drawLanes() {
  const lanes = lanesInView(), row = 15, top = 18, strip = 50;
  const tall = top + Math.max(1, lanes.length) * row + strip + 8;
  const [g, wide] = surface("lanes", tall), [a, b] = view;
  const x = t => LEFT + (put(t) - a) / (b - a) * (wide - LEFT);
  hits = [];
  g.save(); g.beginPath(); g.rect(LEFT, 0, wide - LEFT, tall); g.clip();
  // Time in which no system ran, if boots are recorded.
  if (D.machines.length === 1 && D.boots.length) {
    g.fillStyle = colour("idle");
    D.boots.forEach(([, down], i) => {
      const next = D.boots[i + 1];
      if (down !== null && next && next[0] > down) g.fillRect(x(down), top, x(next[0]) - x(down), tall - top);
    });
  }
  axis(g, wide, 0, tall, a, b);
  g.restore();
  lanes.forEach(([label, list], i) => {
    const y = top + i * row;
    g.fillStyle = colour("fg"); g.fillText(label.length > 22 ? label.slice(0, 21) + "…" : label, 4, y + 11);
    g.save(); g.beginPath(); g.rect(LEFT, 0, wide - LEFT, tall); g.clip();
    for (const s of list) {
      const left = x(s.a), width = Math.max(2, x(s.b === null ? END : s.b) - left);
      g.fillStyle = styleOf(s);
      g.globalAlpha = hot !== null && s.source !== hot ? 0.2 : 1;
      if (s.how === "crash") {
        // Striped: where it ended is not in the files.
        for (let at = left; at < left + width; at += 5) g.fillRect(at, y + 3, Math.min(3, left + width - at), row - 6);
      } else g.fillRect(left, y + 3, width, row - 6);
      if (s.how === "open") { g.beginPath(); g.moveTo(left + width, y + 1); g.lineTo(left + width + 5, y + row / 2); g.lineTo(left + width, y + row - 1); g.fill(); }
      if (s.disputed) { g.strokeStyle = colour("fail"); g.strokeRect(left, y + 2, width, row - 4); }
      g.globalAlpha = 1;
      hits.push([left - 2, left + width + 2, y, y + row, s]);
    }
    g.restore();
  });
  const floor = tall - 4;
  g.fillStyle = colour("fg"); g.fillText("failed logins", 4, floor - 22);
  g.save(); g.beginPath(); g.rect(LEFT, 0, wide - LEFT, tall); g.clip();
  const list = F.filter(f => hot === null || f.source === hot).map(f => [f.t, f.n]);
  bars(g, list, wide, floor, strip - 8, a, b, colour("fail"));
  const upright = (t, style, dash, thick) => {
    g.strokeStyle = style; g.lineWidth = thick; g.setLineDash(dash);
    g.beginPath(); g.moveTo(x(t), top - 4); g.lineTo(x(t), floor); g.stroke();
    g.setLineDash([]); g.lineWidth = 1;
  };
  for (const [begin, down, how] of D.boots) {
    upright(begin, colour("boot"), [], 1.5);
    if (down !== null) upright(down, how === "crash" ? colour("crash") : colour("down"), how === "crash" ? [2, 2] : [5, 3], 1.2);
  }
  // A clock change is an arrow from the old time to the new one.
  g.strokeStyle = g.fillStyle = colour("clock");
  for (const [old, now] of D.clocks) {
    const x1 = x(old), x2 = x(now), way = x2 < x1 ? -1 : 1, y = top - 2;
    g.beginPath(); g.moveTo(x1, y); g.lineTo(x2, y); g.stroke();
    g.beginPath(); g.moveTo(x2, y); g.lineTo(x2 - 6 * way, y - 3); g.lineTo(x2 - 6 * way, y + 3); g.fill();
  }
  for (const f of D.findings) if (f.time !== null) {
    g.fillStyle = colour(f.severity);
    g.beginPath(); g.moveTo(x(f.time), top - 3); g.lineTo(x(f.time) - 4, top - 11); g.lineTo(x(f.time) + 4, top - 11); g.fill();
  }
  g.restore();
}

function table(into, headings, rows, caption) {
  const made = make("table"), head = make("tr");
  if (caption) made.append(make("caption", caption, "mut"));
  for (const [text, kind] of headings) { const th = make("th", text, kind); th.scope = "col"; head.append(th); }
  const top = make("thead"), body = make("tbody");
  top.append(head);
  for (const { cells, isHot } of rows) {
    const tr = make("tr", undefined, isHot ? "hot" : "");
    cells.forEach((cell, i) => {
      const td = make("td", typeof cell === "object" ? undefined : cell, headings[i][1]);
      if (typeof cell === "object") td.append(cell);
      tr.append(td);
    });
    body.append(tr);
  }
  made.append(top, body);
  $(into).replaceChildren(made);
}
function sources() {
  const all = new Map();
  const of = key => {
    if (!all.has(key)) all.set(key, { logins: 0, failed: 0, users: new Set(), first: Infinity, last: -Infinity });
    return all.get(key);
  };
  const see = (row, t, user) => { row.users.add(user); row.first = Math.min(row.first, t); row.last = Math.max(row.last, t); };
  for (const s of S) if (isIn(s.a, s.b)) { const row = of(s.source); row.logins++; see(row, s.a, s.user); }
  for (const f of F) if (isIn(f.t, f.t)) { const row = of(f.source); row.failed += f.n; see(row, f.t, f.user); }
  const both = row => row.logins > 0 && row.failed > 0;
  const sorted = [...all].sort(([x, p], [y, q]) => both(q) - both(p) || q.logins + q.failed - p.logins - p.failed || (from(x) < from(y) ? -1 : 1));
  const rows = sorted.slice(0, 20).map(([key, row]) => {
    const button = make("button", from(key), "plain");
    button.type = "button";
    button.setAttribute("aria-pressed", hot === key);
    button.addEventListener("click", () => { hot = hot === key ? null : key; draw(); });
    const users = [...row.users].filter(user => user >= 0);
    const shown = users.length > 2 ? users.length + " users" : users.map(user => name(user)).join(", ");
    return { cells: [button, row.logins, row.failed, shown, iso(row.first), iso(row.last)], isHot: hot === key };
  });
  const more = sorted.length > 20 ? (sorted.length - 20) + " more are not listed. " : "";
  table("sources", [["source"], ["logins", "n"], ["failed", "n"], ["users"], ["first", "t"], ["last", "t"]], rows,
    more + "Sources with both logins and failed logins come first.");
}
function week() {
  const cells = Array.from({ length: 168 }, () => [0, 0]);
  const at = t => { const d = new Date(t * 1000); return (d.getUTCDay() + 6) % 7 * 24 + d.getUTCHours(); };
  for (const s of S) if (isIn(s.a, s.b)) cells[at(s.a)][0]++;
  for (const f of F) if (isIn(f.t, f.t)) cells[at(f.t)][1] += f.n;
  const most = [0, 1].map(i => Math.max(1, ...cells.map(cell => cell[i])));
  const made = make("table", undefined, "week"), head = make("tr");
  head.append(make("th"));
  for (let hour = 0; hour < 24; hour++) head.append(make("th", String(hour).padStart(2, "0")));
  made.append(head);
  ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].forEach((day, i) => {
    const tr = make("tr"), th = make("th", day);
    th.scope = "row";
    tr.append(th);
    for (let hour = 0; hour < 24; hour++) {
      const [logins, failed] = cells[i * 24 + hour], td = make("td");
      const share = (n, most) => n ? Math.round(20 + 80 * Math.log1p(n) / Math.log1p(most)) : 0;
      const mix = (style, n) => "color-mix(in srgb," + colour(style) + " " + n + "%,transparent)";
      const up = mix("login", share(logins, most[0])), down = mix("fail", share(failed, most[1]));
      if (logins || failed) td.style.background = "linear-gradient(" + up + " 50%," + down + " 50%)";
      td.title = day + " " + hour + ":00: " + logins + " logins, " + failed + " failed";
      td.setAttribute("aria-label", td.title);
      tr.append(td);
    }
    made.append(tr);
  });
  $("week").replaceChildren(made);
}
function findings() {
  const groups = new Map();
  for (const f of D.findings) {
    const key = f.severity + " " + f.rule;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(f);
  }
  const order = ["high", "medium", "low", "info"];
  const sorted = [...groups.values()].sort((x, y) => order.indexOf(x[0].severity) - order.indexOf(y[0].severity));
  const parts = sorted.map(list => {
    const made = make("details"), [first] = list;
    made.open = order.indexOf(first.severity) < 2;
    const count = list.reduce((all, f) => all + 1 + f.more, 0);
    const head = make("summary"), mark = make("strong", first.severity.toUpperCase());
    mark.style.color = colour(first.severity);
    head.append(mark, " " + first.rule + (count > 1 ? " × " + count : ""));
    made.append(head);
    const lines = make("ul");
    for (const f of list) lines.append(make("li", f.message + " (" + f.place + (f.time === null ? "" : ", " + iso(f.time)) + ")"));
    made.append(make("p", "Expected: " + first.expected, "mut"));
    if (first.innocent.length) made.append(make("p", "Innocent: " + first.innocent.join("; or "), "mut"));
    made.append(lines);
    return made;
  });
  $("findings").replaceChildren(...(parts.length ? parts : [make("p", D.isAudited ? "Nothing was found." : "A pipe can be read only once: no audit.")]));
}
function sessions() {
  const shown = S.filter(s => isIn(s.a, s.b) && (hot === null || s.source === hot));
  const rows = shown.slice(0, 500).map(s => ({
    cells: [name(s.user), name(s.line), from(s.source), ...(D.machines.length > 1 ? [D.machines[s.machine] || "-"] : []), iso(s.a),
      s.b === null ? "" : iso(s.b), span((s.b === null ? END : s.b) - s.a), s.how + (s.disputed ? ", disputed" : ""), s.place],
    isHot: hot !== null,
  }));
  const headings = [["user"], ["line"], ["source"], ...(D.machines.length > 1 ? [["machine"]] : []), ["login", "t"], ["end", "t"], ["duration", "n"], ["how"], ["records"]];
  const more = shown.length > 500 ? " The first 500 are listed: zoom in for others." : "";
  table("sessions", headings, rows, shown.length + " sessions in view." + more);
}
function draw() {
  drawStrip(); drawLanes(); sources(); week(); sessions();
  $("range").textContent = iso(back(view[0])) + " to " + iso(back(view[1])) + " UTC";
}

function fixed() {
  $("title").textContent = document.title = "Logins of " + (D.machines.filter(m => m).join(", ") || "these files");
  const failed = F.reduce((all, f) => all + f.n, 0);
  $("numbers").textContent = [S.length + " sessions", failed + " failed logins", D.boots.length + " boots", D.findings.reduce((all, f) => all + 1 + f.more, 0) + " findings"].join(", ");
  $("notes").textContent = D.notes.join(" ");
  table("files", [["file"], ["kind"], ["layout"], ["records", "n"], ["first", "t"], ["last", "t"]],
    D.files.map(f => ({ cells: [f.name, f.kind, f.layout, f.records, f.first === null ? "" : iso(f.first), f.last === null ? "" : iso(f.last)] })));
  table("hashes", [["SHA-256 of what is stored"], ["bytes", "n"], ["source"]], D.hashes.map(h => ({ cells: [make("code", h.sha256), h.size, h.path] })));
  $("command").textContent = D.command;
  $("version").textContent = D.version;
}
function zoom(a, b) {
  const [least, most] = [put(low), put(high)], wide = Math.min(Math.max(b - a, 60), most - least);
  a = Math.min(Math.max(a, least), most - wide);
  view = [a, a + wide];
  draw();
}
function dragging(id, range) {
  const canvas = $(id);
  let begun = null;
  const place = event => {
    const box = canvas.getBoundingClientRect(), [a, b] = range();
    return a + Math.max(0, event.clientX - box.left - LEFT) / Math.max(1, box.width - LEFT) * (b - a);
  };
  canvas.addEventListener("pointerdown", event => { begun = [event.clientX, place(event)]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", event => {
    if (begun && Math.abs(event.clientX - begun[0]) > 4) { const u = place(event); zoom(Math.min(begun[1], u), Math.max(begun[1], u)); }
    begun = null;
  });
  canvas.addEventListener("dblclick", () => zoom(put(low), put(high)));
  canvas.addEventListener("keydown", event => {
    const [a, b] = view, step = (b - a) / 5;
    const moves = { ArrowLeft: [a - step, b - step], ArrowRight: [a + step, b + step], "+": [a + step, b - step], "-": [a - step, b + step], Home: [put(low), put(high)] };
    if (moves[event.key]) { event.preventDefault(); zoom(...moves[event.key]); }
  });
}
dragging("strip", () => [put(low), put(high)]);
dragging("lanes", () => view);
$("lanes").addEventListener("pointermove", event => {
  const box = $("lanes").getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
  const hit = hits.find(([left, right, top, bottom]) => px >= left && px <= right && py >= top && py <= bottom);
  $("tip").textContent = hit ? [name(hit[4].user), name(hit[4].line), from(hit[4].source), iso(hit[4].a), hit[4].b === null ? "open" : "to " + iso(hit[4].b), hit[4].how, hit[4].place].join("  ") : "";
});
$("by").addEventListener("change", () => { lanesBy = $("by").value; draw(); });
$("squeeze").addEventListener("change", () => { const [a, b] = view.map(back); squeeze($("squeeze").checked); zoom(put(a), put(b)); });
$("all").addEventListener("click", () => zoom(put(low), put(high)));
window.addEventListener("resize", draw);
window.matchMedia("print").addEventListener("change", draw);
fixed(); findings(); draw();
