// The levers' state goes into the address: sizes, dates, a decision, rules and caps; money is held to the caps.
"use strict";
(() => {
  const form = document.getElementById("levers");
  if (!form) return;
  const at = (id) => document.getElementById(id);
  const caps = [at("cap"), at("cap_all")], origin = Number(form.dataset.origin);
  const levers = [...form.querySelectorAll(".lever")].map((box) => ({
    box, name: box.dataset.lever, ramp: Math.max(1, Number(box.dataset.ramp)), flag: box.querySelector(".flag"),
    fields: [...box.querySelectorAll("[data-what]")],
    ...Object.fromEntries([...box.querySelectorAll("[data-what]")].map((f) => [f.dataset.what, f])),
  }));
  const whole = (x) => Math.round(x).toLocaleString("en");
  const quarterOf = (text) => { const m = /^(\d{4})Q([1-4])$/.exec(text); return m ? 4 * Number(m[1]) + Number(m[2]) - 1 : NaN; };
  const changed = (x) => x.fields.some((f) => f.value !== f.dataset.was);
  let waiting = 0;

  // What a lever may spend in a quarter: a quarter of its budget times size, less while it begins.
  function pool(x, now, decide) {
    const written = decide && now < decide, value = (f) => written ? f.dataset.was : f.value;
    let start = quarterOf(value(x.start));
    if (decide && !written && changed(x)) start = Math.max(start, decide);
    if (!(start <= now && now <= quarterOf(value(x.end)))) return 0;
    return Number(value(x.size)) * Number(value(x.budget)) / 4 * Math.min(1, (now - start + 1) / x.ramp);
  }

  function planned() {
    const decide = quarterOf(at("decide").value) || 0, years = new Map();
    const last = Math.max(...levers.map((x) => quarterOf(x.end.value) || 0), origin + 1);
    for (let now = origin + 1; now <= Math.min(last, origin + 80); now++) {
      const year = Math.floor(now / 4);
      years.set(year, (years.get(year) || 0) + levers.reduce((sum, x) => sum + pool(x, now, decide), 0));
    }
    return years;
  }

  const sum = (years) => [...years.values()].reduce((a, b) => a + b, 0);
  const limit = (field) => field.value === "" ? Infinity : Number(field.value);
  // By how much the dearest year, or all of them, exceed their cap.
  function excess(years) {
    const year = Math.max(...years.values()) - limit(caps[0]);
    return Math.max(year, sum(years) - limit(caps[1]), 0);
  }

  function rules() {
    const made = [];
    for (const box of form.querySelectorAll("#rules .rule")) {
      const [subject, operator, value, by, lever, what, set] = ["subject", "operator", "value", "by", "lever", "what", "set"].map((k) => box.querySelector(`[data-rule=${k}]`).value.trim());
      if (value !== "" && set !== "") made.push(`${subject} ${operator} ${value}${by ? ` by ${by}` : ""};${lever}.${what}:${set}`);
    }
    return made;
  }

  function query(moved = true) {
    const q = new URLSearchParams([["lang", form.elements.lang.value], ["base", form.elements.base.value]]);
    if (moved) {
      for (const x of levers)
        for (const field of x.fields)
          if (field.value !== field.dataset.was && field.validity.valid && field.value !== "")
            q.append("set", `${x.name}.${field.dataset.what}:${field.value}`);
      if (at("decide").value) q.append("decide", at("decide").value);
      for (const rule of rules()) q.append("rule", rule);
    }
    for (const cap of caps) if (cap.value !== "" && cap.validity.valid) q.append(cap.id, cap.value);
    for (const name of form.querySelectorAll("[name=with]")) q.append("with", name.value);
    return q;
  }

  function bars(years) {
    const most = Math.max(...years.values(), caps[0].value === "" ? 0 : limit(caps[0]), 1);
    at("years").replaceChildren(...[...years].map(([year, amount]) => {
      const row = document.createElement("li"), label = document.createElement("span"), bar = document.createElement("div");
      const fill = document.createElement("div"), text = document.createElement("span");
      label.textContent = year; text.textContent = whole(amount);
      bar.className = "budget"; fill.className = "fill";
      fill.style.setProperty("--part", `${100 * amount / most}%`);
      fill.classList.toggle("full", amount >= limit(caps[0]) - 0.5);
      bar.append(fill); row.append(label, bar, text);
      return row;
    }));
  }

  function show() {
    for (const x of levers) {
      const size = Number(x.size.value);
      x.size.parentElement.querySelector("output").value = `×${x.size.value}`;
      x.size.setAttribute("aria-valuetext", `×${x.size.value}`);
      x.box.classList.toggle("changed", changed(x));
      x.flag.hidden = size === 0 || (size >= Number(x.flag.dataset.low) && size <= Number(x.flag.dataset.high));
    }
    const years = planned(), over = at("over"), more = excess(years);
    at("total").value = whole(sum(years));
    bars(years);
    over.hidden = more <= 0.5;
    over.textContent = over.dataset.text.replace("{n}", whole(more));
    at("save").textContent = query().toString() === query(false).toString() ? at("save").dataset.copy : at("save").dataset.save;
    return over.hidden;
  }

  // The budget cannot be overspent: what was moved goes back to the largest value that fits.
  function hold(field) {
    const x = levers.find((l) => l.fields.includes(field));
    if (!x || excess(planned()) <= 0.5 || (field !== x.size && field !== x.budget)) return;
    const asked = Number(field.value), fits = (v) => { field.value = String(v); return excess(planned()) <= 0.5; };
    if (!fits(0)) { fits(asked); return; }        // others are too dear; it is said, and nothing runs
    if (field === x.size) { for (let v = asked; !fits(v); v -= Number(x.size.step)); }
    else {
      let low = 0, high = asked;
      for (let i = 0; i < 40; i++) { const v = (low + high) / 2; if (fits(v)) low = v; else high = v; }
      fits(Math.floor(low));
    }
  }

  function ask() {
    if (!show()) return;
    const q = query().toString();
    history.replaceState(null, "", `?${q}`);
    for (const link of document.querySelectorAll(".bar nav a, a.brand, #download")) link.search = q;
    const other = document.querySelector(".bar .lang"), turned = new URLSearchParams(q);
    turned.set("lang", other.lang);
    other.search = turned.toString();
    window.peiyu.follow(window.peiyu.streamed, q);
  }

  const silent = ["base", "file", "name", "title"];
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (silent.includes(event.target.id)) return;
    hold(event.target);
    show();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  const open = (base) => { const q = query(false); q.set("base", base); location.search = q.toString(); };
  form.elements.base.addEventListener("change", () => open(form.elements.base.value));
  at("reset").addEventListener("click", () => {
    for (const x of levers) for (const field of x.fields) field.value = field.dataset.was;
    at("decide").value = "";
    at("rules").replaceChildren();
    ask();
  });

  const many = () => { at("add-rule").disabled = form.querySelectorAll("#rules .rule").length >= Number(at("add-rule").dataset.most); };
  at("add-rule").addEventListener("click", () => {
    at("rules").append(at("rule").content.cloneNode(true));
    many();
    at("rules").lastElementChild.querySelector("select").focus();
  });
  at("rules").addEventListener("click", (event) => {
    if (!event.target.matches("[data-drop]")) return;
    event.target.closest(".rule").remove();
    many();
    ask();
  });

  async function sent(address, body, told) {
    try {
      const answer = await fetch(address, { method: "POST", body }), text = await answer.text();
      told.hidden = answer.ok;
      told.textContent = answer.ok ? "" : text;
      if (answer.ok) open(JSON.parse(text).base);
    } catch { told.hidden = false; told.textContent = document.body.dataset.gone; }
  }
  at("save").addEventListener("click", () => sent(`/save?${query()}`,
    new URLSearchParams([["name", at("name").value], ["title", at("title").value]]), at("save-told")));
  at("file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) await sent(`/upload?${query(false)}`, file, at("upload-told"));
    event.target.value = "";
  });
  ask();
})();
