"""How long the prompt takes to come, and a key to show, on a terminal of its own. For scripts/bench:
bench-repl.py CVLUA"""
import os
import pty
import select
import statistics
import sys
import tempfile
import time

cvlua = sys.argv[1]
home = tempfile.TemporaryDirectory()
BRANCHES = 1000


class Session:
    def __init__(self):
        self.begin = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", HOME=home.name)
            for name in ["CVLUA_URL", "CVLUA_TOKEN", "CVLUA_PROFILE"]:
                os.environ.pop(name, None)
            os.execv(cvlua, ["cvlua"])
        self.wait_for(b"cvlua> ")
        self.prompt = time.perf_counter() - self.begin

    def wait_for(self, text):
        shown = b""
        while text not in shown:
            if not select.select([self.terminal], [], [], 30)[0]:
                sys.exit(f"bench-repl.py: {text} was never shown, but {shown}")
            shown += os.read(self.terminal, 1 << 16)

    def send(self, text, then):
        os.write(self.terminal, text)
        self.wait_for(then)

    def echoes(self, count):
        """Milliseconds from each key to its echo."""
        times = []
        for index in range(count):
            key = b"abcdefghij"[index % 10:index % 10 + 1]
            begin = time.perf_counter()
            os.write(self.terminal, key)
            self.wait_for(key)
            times.append((time.perf_counter() - begin) * 1e3)
            time.sleep(0.005)
        return times

    def close(self):
        os.write(self.terminal, b"\x03:quit\r")
        while True:
            try:
                if not os.read(self.terminal, 1 << 16):
                    break
            except OSError:
                break
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def told(times):
    times = sorted(times)
    return f"median {statistics.median(times):.2f} ms, 99 % within {times[len(times) * 99 // 100]:.2f} ms"


prompts = []
for _ in range(30):
    session = Session()
    prompts.append(session.prompt * 1e3)
    session.close()
print(f"to the prompt: median {statistics.median(prompts):.1f} ms")

session = Session()
print(f"a key's echo, nothing else runs: {told(session.echoes(300))}")
session.send(b"\x03", b"cvlua> ")
busy = b"for i = 1, %d do flow.spawn(function() while true do flow.sleep(0.05) for j = 1, 100 do end end end) end\r"
session.send(busy % BRANCHES, b"\n\x1b")
print(f"a key's echo while {BRANCHES:,} branches run, each 20 times a second: {told(session.echoes(300))}")
session.close()
