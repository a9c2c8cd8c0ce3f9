"""cvlua over loopback beside the vendor's SDK and a bare HTTP client, against the same simulator. For
scripts/bench, which names the binaries: bench-wire.py CVLUA BARE-CLIENT"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/SDK"))
cvlua, bare = sys.argv[1:]
os.environ["CVLUA"] = cvlua

import cvpysdk.commcell  # noqa: E402
from simulator import Simulator  # noqa: E402

TOKEN = "QSDK of-the-benchmark"
SUBMITS = 20_000
CONNECTIONS = 8


def run(simulator, code, journal="none"):
    """Starts cvlua with a script."""
    environment = dict(os.environ, CVLUA_URL=simulator.url, CVLUA_TOKEN=TOKEN, CVLUA_UNATTENDED="1")
    return subprocess.Popen(
        [cvlua, "--journal", journal, "-e", code], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)


def vendor():
    """One backup by name, submitted: what each of the two asks, and how long it takes."""
    with Simulator() as simulator:
        before = simulator.count()
        start = time.monotonic()
        commcell = cvpysdk.commcell.Commcell(
            "127.0.0.1", simulator.told["user"], simulator.told["password"], web_service_url=simulator.url)
        instance = commcell.clients.get("aws-prod").agents.get("Cloud Apps").instances.get("DynamoDB")
        instance.backupsets.get("defaultBackupSet").subclients.get("customers").backup("Full")
        took = time.monotonic() - start
        # The state is asked for over the same wire, but not counted.
        print(f"cvpysdk  {simulator.count() - before} requests, login included; {took * 1000:.0f} ms after its import")
    for kept in (True, False):
        with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
            submit_one(simulator, folder, kept)


def submit_one(simulator, folder, kept):
    config = pathlib.Path(folder, "config.lua")
    config.write_text(
        'return { sim = { url = "%s", user = "%s", password = secret.env "PASSWORD", unattended = true } }'
        % (simulator.url, simulator.told["user"]))
    code = (
        'backup.documentdb{ clientName = "aws-prod", instanceName = "DocumentDB", subclientName = "profiles",'
        ' backupLevel = "FULL" } print "done" while true do flow.sleep(60) end')
    journal = str(pathlib.Path(folder, "journal.db")) if kept else "none"
    start = time.monotonic()
    process = subprocess.Popen(
        [cvlua, "--config", str(config), "--journal", journal, "-e", code], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, PASSWORD=simulator.told["password"]))
    process.stdout.readline()
    took = time.monotonic() - start
    count = simulator.count()
    process.kill()
    process.wait()
    how = "with its journal, which asks once a run who the server is" if kept else "without a journal"
    print(f"cvlua    {count} requests, login included; {took * 1000:.0f} ms from the start of the process, {how}")


def submits():
    """Rounds of both alternate, and the best of each counts."""
    payload = subprocess.run(
        [cvlua, "-e", 'io.write(backup.dynamodb.encode{ clientName = "aws-prod", instanceName = "DynamoDB", '
         'subclientId = 1042, backupLevel = "FULL" })'], capture_output=True, text=True, check=True).stdout
    code = (
        'local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = "FULL" } '
        'local id = 2000 local function work(_, count) for _ = 1, count do id = id + 1 d{ subclientId = id } end end '
        f'local lanes = {{}} for i = 1, {CONNECTIONS} do lanes[i] = i end '
        'local function all(count) flow.map(lanes, function(lane) work(lane, count // #lanes) end) end '
        'all(#lanes) print "start" io.stdout:flush() '
        f'all({SUBMITS}) print "done" io.stdout:flush() while true do flow.sleep(60) end')
    best = {"bare": 0.0, "none": 0.0, "kept": 0.0}
    for _ in range(3):
        with Simulator("--token", TOKEN) as simulator:
            url = simulator.url + "/createtask"
            rate = subprocess.run(
                [bare, url, TOKEN, payload, str(SUBMITS), str(CONNECTIONS)], capture_output=True, text=True,
                check=True).stdout
            best["bare"] = max(best["bare"], float(rate))
        for name in ("none", "kept"):
            with Simulator("--token", TOKEN) as simulator, tempfile.TemporaryDirectory() as folder:
                process = run(simulator, code, "none" if name == "none" else folder + "/journal.db")
                process.stdout.readline()
                start = time.monotonic()
                process.stdout.readline()
                best[name] = max(best[name], SUBMITS / (time.monotonic() - start))
                process.kill()
                process.wait()
    print(f"bare async-http-client    {best['bare']:.0f} posts a second")
    print(f"cvlua without a journal   {best['none']:.0f} submits a second, {best['none'] / best['bare']:.0%} of it")
    print(f"cvlua with its journal    {best['kept']:.0f}, {best['kept'] / best['bare']:.0%}: each waits for two commits")


def memory():
    """What a job that is waited for costs the client."""
    def resident(process):
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def watching(count):
        with Simulator("--token", TOKEN) as simulator:
            process = run(
                simulator,
                'local ids = {} for i = 1, %d do ids[i] = 2000 + i end local asked = 0 '
                'flow.map(ids, function(id) local t = backup.dynamodb{ clientName = "aws-prod", '
                'instanceName = "DynamoDB", subclientId = id } asked = asked + 1 '
                'if asked == #ids then print "ready" io.stdout:flush() end t:wait() end)' % count)
            process.stdout.readline()
            time.sleep(12)
            size = resident(process)
            process.kill()
            process.wait()
            return size

    few, many = watching(1_000), watching(11_000)
    print(f"{(many - few) / 10 / 1024:.1f} MB for each 1,000 jobs more; {few / 1024:.0f} MB with 1,000 in all")


print("One backup by name, submitted")
vendor()
print("\nSubmits over loopback, 8 connections (reach: 60 % of bare)")
submits()
print("\nMemory while jobs are waited for, each by a branch of its own")
memory()
