/* Futures shared out among workers: each block of them is cut at fixed places, and every worker runs its own cut.

   The first worker asks and joins; the others answer over a port. A worker that cannot help is left out, and its share is
   run here. A run's bits do not hang on where it is run. */
"use strict";

/** Lets messages in that have come meanwhile. */
const breathe = (() => {
  const { port1, port2 } = new MessageChannel(), waiting = [];
  port1.onmessage = () => waiting.shift()();
  return () => new Promise(resolve => {
    waiting.push(resolve);
    port2.postMessage(0);
  });
})();

/** Where futures `from` to `to` are cut for so many workers. */
const cutsOf = (from, to, workers) => Array.from({ length: workers }, (_, k) =>
  [k, k + 1].map(part => from + Math.round((to - from) * part / workers))).filter(([a, b]) => b > a);

/** Another worker as the first one sees it: `run` gives a result, or null where there will be none. */
class Helper {
  constructor(port) {
    Object.assign(this, { port, waiting: new Map(), last: 0, works: true });
    port.onmessage = ({ data }) => data.broken ? this.leave() : this.settle(data.id, data.nation);
  }

  settle(id, nation) {
    const { resolve, from, to } = this.waiting.get(id);
    this.waiting.delete(id);
    resolve(nation ? model.ranElsewhere(nation, to - from) : null);
  }

  /** `patient`: it may be told to stop between blocks. */
  run(schedule, { n, seed, settings, of, draws }, from, to, patient) {
    if (!this.works) return Promise.resolve(null);
    return new Promise(resolve => {
      this.waiting.set(++this.last, { resolve, from, to });
      this.port.postMessage({ id: this.last, schedule, n, seed, settings, of, draws, from, to, patient });
    });
  }

  stop() {
    if (this.waiting.size) this.port.postMessage({ stop: this.last });
  }

  leave() {
    this.works = false;
    for (const id of [...this.waiting.keys()]) this.settle(id, null);
  }
}

/** What another worker does: it runs what it is asked, one after the other. */
function help(port, ready) {
  let stopped = 0, before = ready.catch(() => port.postMessage({ broken: true }));
  const runJob = async job => {
    await openFor(job);
    const steps = model.steps({ schedule: job.schedule, futures: futuresOf(job, job.from, job.to), keepAt: keepAtOf(job) });
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value.nation;
      if (job.patient) await breathe();
      if (job.id <= stopped) return null;
    }
  };
  const answerJob = async job => {
    const nation = job.id <= stopped ? null : await runJob(job).catch(() => null);
    port.postMessage({ id: job.id, nation }, nation ? [nation.buffer] : []);
  };
  port.onmessage = ({ data }) => {
    if (data.stop) stopped = data.stop;
    else before = before.then(() => answerJob(data));
  };
}
