// CPU of processes, by Linux's /proc (proc(5)) and util-linux's taskset.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Linux gives times in USER_HZ, 100 on every x86-64. */
const TICK_US = 10_000;

/** User and system time of a process so far, all threads, in µs; in steps of 10 ms. */
export function cpuUs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name stands in brackets and may hold anything; the third field is the first after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = [14, 15].map((field) => Number(fields[field - 3]));
  return (utime + stime) * TICK_US;
}

/** The ids of this process's children of that name. */
export function children(name) {
  const ids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return ids.filter((id) => id && readFileSync(`/proc/${id}/comm`, "utf8").trim() === name);
}

/** The cores that this process may run on. */
export function cores() {
  const [, list] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}

/** Keeps all threads of a process, and whatever they start, on one core. */
export function pin(pid, core) {
  execFileSync("taskset", ["-acp", String(core), String(pid)]);
}
