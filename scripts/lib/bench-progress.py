"""What the live view of a run costs, by the processor time of the same run without it. For scripts/bench, which
names the binary: bench-progress.py CVLUA [JOBS [SECONDS]]"""
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

cvlua = sys.argv[1]
JOBS = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 60
TOKEN = "QSDK of-the-benchmark"
SCRIPT = """
local list = {}
for n = 1, %d do list[n] = n end
flow.map(list, function(n)
  return backup.rds{ clientName = "aws-prod", instanceName = "region-" .. n %% 50, subclientName = "db-" .. n }:wait()
end)
""" % JOBS


def start(url, how):
    """Starts the run on a terminal of its own: its process id, and what counts the bytes that the terminal gets."""
    pid, terminal = pty.fork()
    if pid == 0:
        environment = dict(
            os.environ, CVLUA_URL=url, CVLUA_TOKEN=TOKEN, CVLUA_UNATTENDED="1", TERM="xterm-256color")
        os.execve(cvlua, [cvlua, "--yes", "--journal", "none", "--progress", how, "-e", SCRIPT], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    seen = [0]

    def read():
        try:
            while data := os.read(terminal, 65536):
                seen[0] += len(data)
        except OSError:
            pass

    threading.Thread(target=read, daemon=True).start()
    return pid, seen


def cpu(pid):
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(how):
    """The part of a core that the run uses while all of its jobs run, and the terminal's bytes a second."""
    # Jobs that grow by a percent every half minute or so, and do not end meanwhile.
    simulator = subprocess.Popen(
        [cvlua, "simulator", "--token", TOKEN, "--speed", "60", "--faults", "rds:slow=48h"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    url = simulator.stdout.readline().split()[1]
    pid, seen = start(url, how)
    submitted = 0
    while submitted < JOBS:
        time.sleep(0.5)
        answer = subprocess.run(
            ["curl", "--silent", "--noproxy", "*", url.split("/commandcenter")[0] + "/simulator/state"],
            capture_output=True, text=True).stdout
        submitted = answer.count('"status"')
    time.sleep(5)
    (before, bytes_before, at) = (cpu(pid), seen[0], time.monotonic())
    time.sleep(SECONDS)
    took = time.monotonic() - at
    share, rate = (cpu(pid) - before) / took, (seen[0] - bytes_before) / took
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    simulator.terminate()
    simulator.wait()
    return share, rate


without, _ = measure("none")
within, rate = measure("tty")
print(f"without it {without * 100:.2f} % of a core, with it {within * 100:.2f} %: it costs "
      f"{(within - without) * 100:.2f} %, looks at all jobs every 15 s included; {rate / 1000:.1f} kB/s to the terminal")
