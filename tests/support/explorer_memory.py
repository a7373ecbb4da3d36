"""What the explorer keeps in memory after many moves of its levers, without garbage: the page and its workers."""

from __future__ import annotations

import json
from typing import Any

DRAG = """({ first, moves }) => new Promise(resolve => {
  // Moves of sliders as a hand makes them: one when the answer to the last has come, a release after every tenth.
  const sliders = Array.from(document.querySelectorAll("details[open] .lever input[type=range]"), slider => slider.id);
  let move = first;
  const next = () => {
    const refused = document.getElementById("result").dataset.state === "problem"; // such as no money in the fund
    if (Ringfence.view.shown < Ringfence.view.newest && !refused) return setTimeout(next, 1);
    if (move >= first + moves) return resolve(Ringfence.view.newest);
    const slider = document.getElementById(sliders[Math.floor(move / 10) % sliders.length]);
    const [low, high] = [Number(slider.min), Number(slider.max)];
    slider.value = low + (high - low) * ((move * 0.618034) % 1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (move % 10 === 9) slider.dispatchEvent(new Event("change", { bubbles: true }));
    move++;
    setTimeout(next, 0);
  };
  next();
})"""


def drag(page: Any, first: int, moves: int) -> None:
    """Move the levers of the open groups, from the `first`th move on; every move is answered."""
    page.evaluate(DRAG, {"first": first, "moves": moves})


COUNT_ATTACHED = """() => {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
    let count = 1;
    while (walker.nextNode()) count += 1;
    return count;
}"""


class Memory:
    """Asks a page of Chromium and its workers for their memory."""

    def __init__(self, page: Any) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.workers: list[str] = []
        self.replies: dict[int, dict[str, Any]] = {}
        self.asked = 0
        self.session.on("Target.attachedToTarget", lambda told: self.workers.append(told["sessionId"]))
        self.session.on("Target.receivedMessageFromTarget", self._hear)
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self.session.send("Target.setAutoAttach", attach)

    def _hear(self, told: dict[str, Any]) -> None:
        message = json.loads(told["message"])
        if "id" in message:
            self.replies[message["id"]] = message["result"]

    def _ask_worker(self, worker: str, method: str) -> dict[str, Any]:
        self.asked += 1
        message = json.dumps({"id": self.asked, "method": method})
        self.session.send("Target.sendMessageToTarget", {"message": message, "sessionId": worker})
        while self.asked not in self.replies:
            self.page.wait_for_timeout(5)
        return self.replies.pop(self.asked)

    def used(self) -> dict[str, int]:
        """Bytes in use after collecting garbage: scripts' objects and arrays, of the page and of each worker.

        "nodes" counts those that are kept although they have left the page.
        """
        for _ in range(2):
            self.session.send("HeapProfiler.collectGarbage")
            for worker in self.workers:
                self._ask_worker(worker, "HeapProfiler.collectGarbage")
        heaps = [self.session.send("Runtime.getHeapUsage")]
        heaps += [self._ask_worker(worker, "Runtime.getHeapUsage") for worker in self.workers]
        names = ["page", *(f"worker {number}" for number in range(1, len(heaps)))]
        found = {
            f"{name}, {kind}": int(heap.get(key, 0))
            for name, heap in zip(names, heaps, strict=True)
            for kind, key in (("objects", "usedSize"), ("arrays", "backingStorageSize"))
        }
        kept = self.session.send("Memory.getDOMCounters")["nodes"] - self.page.evaluate(COUNT_ATTACHED)
        return {**found, "nodes": kept}
