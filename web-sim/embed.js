// <scheduler-lab scenario="book" model="pool">: the simulator in a page of yours.
//
// Attributes are the parameters of the page's address (docs/EMBEDDING.md), and `src` is where the
// page is; beside this script unless told. The frame is as high as its content. What the page says
// comes out as events: `scheduler-lab:ready` and `scheduler-lab:step`, details in `event.detail`.
(() => {
  const VERSION = 1;
  const home = new URL("./", document.currentScript.src).href;

  class SchedulerLab extends HTMLElement {
    connectedCallback() {
      this.frame = document.createElement("iframe");
      this.frame.title = this.getAttribute("title") ?? "Scheduler Lab";
      this.frame.setAttribute("sandbox", "allow-scripts");
      Object.assign(this.frame.style, { border: "0", width: "100%", height: "720px" });
      this.style.display = "block";
      this.hear = (event) => event.source === this.frame.contentWindow && this.heard(event.data);
      addEventListener("message", this.hear);
      // Attributes that change together make one new address.
      this.watch = new MutationObserver((changes) => this.changed(changes));
      this.watch.observe(this, { attributes: true });
      this.frame.src = this.address();
      this.replaceChildren(this.frame);
    }

    disconnectedCallback() {
      removeEventListener("message", this.hear);
      this.watch.disconnect();
    }

    go(step) { this.say("go", { step }); }
    play() { this.say("play"); }
    pause() { this.say("pause"); }

    say(name, fields) {
      // Any origin: a sandboxed frame has none, and a step is no secret.
      this.frame.contentWindow.postMessage({ ...fields, type: `scheduler-lab:${name}`, version: VERSION }, "*");
    }

    heard(data) {
      if (data?.version !== VERSION) return;
      if (data.type === "scheduler-lab:height") this.frame.style.height = `${Number(data.height)}px`;
      else if (data.type === "scheduler-lab:ready" || data.type === "scheduler-lab:step")
        this.dispatchEvent(new CustomEvent(data.type, { detail: data, bubbles: true }));
    }

    changed(changes) {
      const names = [...new Set(changes.map((change) => change.attributeName))].filter((name) => !OWN.has(name));
      if (names.every((name) => name === "lang" || name === "theme")) {
        if (names.length) this.say("look", { lang: this.getAttribute("lang"), theme: this.getAttribute("theme") });
      } else if (names.join() === "step") this.go(Number(this.getAttribute("step")));
      else this.frame.src = this.address();
    }

    address() {
      const url = new URL(this.getAttribute("src") ?? home, document.baseURI);
      for (const { name, value } of this.attributes) if (!OWN.has(name)) url.searchParams.set(name, value);
      url.searchParams.set("embed", "1");
      return url.href;
    }
  }

  const OWN = new Set(["src", "title", "class", "style", "id", "slot", "hidden"]);
  customElements.define("scheduler-lab", SchedulerLab);
})();
