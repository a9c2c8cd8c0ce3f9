"""What the journal costs, and how fast a long run is taken up again; see scripts/bench.

    bench-journal.py CVLUA [BRANCHES [STEPS]]
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/SDK"))
cvlua = str(pathlib.Path(sys.argv[1]).resolve())
os.environ["CVLUA"] = cvlua

from simulator import Simulator  # noqa: E402

branches = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
ROUNDS = 3
TOKEN = "QSDK of-the-benchmark"


def script(count, limit):
    return f"""
local dynamo = backup.dynamodb:with{{ clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = "FULL" }}
local ids = {{}}
for i = 1, {count} do ids[i] = 1000 + i end
flow.map(ids, function(id) return dynamo{{ subclientId = id }}:wait() end, {{ limit = {limit} }})
"""


def run(folder, *arguments, before=(), **variables):
    """Gives the seconds that it took."""
    start = time.monotonic()
    done = subprocess.run(
        [*before, cvlua, *arguments], cwd=folder, env=dict(os.environ, **variables), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    took = time.monotonic() - start
    if done.returncode not in ([-9] if "CVLUA_CRASH_AT" in variables else [0, 2, 3]):
        sys.exit(f"cvlua ended with {done.returncode}: {done.stderr[-2000:]}")
    return took


def compare(what, night, reach=""):
    """Rounds of both alternate, and the median of each counts."""
    without, kept = [], []
    for number in range(ROUNDS):
        without.append(night("none"))
        kept.append(night(f"{number}.db"))
    a, b = statistics.median(without), statistics.median(kept)
    print(f"{what}: {a:.2f} s without the journal, {b:.2f} s with it, {b / a:.2f}x{reach}")
    if shutil.which("strace"):
        night("traced.db", "strace", "-f", "-qq", "-o", "trace", "-e", "trace=fdatasync,fsync")
        lines = pathlib.Path("trace").read_text().splitlines()
        count = sum("resumed" not in line for line in lines)
        print(f"  it waited {count} times for the disk, {count / branches:.2f} times a submit")


def cost(folder):
    (folder / "night.lua").write_text(script(branches, branches))
    os.chdir(folder)

    def live(journal, *before):
        with Simulator("--token", TOKEN, "--speed", "2000") as simulator:
            return run(
                folder, "--quiet", "--journal", journal, "night.lua", before=before, CVLUA_URL=simulator.url,
                CVLUA_TOKEN=TOKEN, CVLUA_UNATTENDED="1")

    def rehearsed(journal, *before):
        return run(
            folder, "--simulate", "--at", "2026-11-21T21:00", "--quiet", "--journal", f"rehearsed-{journal}"
            if journal != "none" else journal, "night.lua", before=before)

    compare(f"{branches} branches over loopback, a backup each", live, " (reach: 1.5x)")
    # There the clock jumps, so the disk is all that it waits for: each end of jobs is a commit of its own.
    compare("the same rehearsed", rehearsed)


def resume(folder, what, count, script, reach=""):
    """Stops a run when all of its script is done, and takes it up again: what is done answers from the journal."""
    (folder / "long.lua").write_text(script)
    journal = f"long-{count}.db"
    run(folder, "--simulate", "--at", "2026-11-21T21:00", "--quiet", "--journal", journal, "long.lua",
        CVLUA_CRASH_AT="before run finished")
    took = run(folder, "resume", "last", "--journal", journal)
    print(f"a run of {count} finished {what} is taken up again, to its end, in {took:.2f} s{reach}")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    cost(folder)
    resume(folder, "steps", steps, f"""
for number = 1, {steps} do
  flow.step("step " .. number, function() return number end)
end
""", " (reach: 2 s)")
    resume(folder, "backups", steps // 5, script(steps // 5, 1000))
