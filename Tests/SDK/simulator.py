"""Starts `cvlua simulator` for a test and ends it."""
import json
import os
import pathlib
import selectors
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CVLUA", str(ROOT / ".build/debug/cvlua"))


class Simulator:
    """A server on loopback, for the length of a `with`."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "simulator", *self.options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.told = {}
        wanted = {"url", "user", "password"} | ({"ca"} if "--tls" in self.options else set())
        deadline = time.monotonic() + 30
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not wanted <= self.told.keys():
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    break
                part = os.read(self.process.stdout.fileno(), 4096)
                if not part:
                    break
                text += part
                lines = text.decode().split("\n")[:-1]
                self.told = dict(line.split(" ", 1) for line in lines)
        if not wanted <= self.told.keys():
            self.process.kill()
            raise RuntimeError(f"the simulator did not come up: {text!r}")
        self.url = self.told["url"]
        return self

    def kill(self):
        """Ends it as a power cut would, before the `with` does."""
        self.process.kill()
        self.process.wait(10)

    def __exit__(self, *_):
        if self.process.poll() == -signal.SIGKILL:
            self.process.stdout.close()
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()
        assert code == 0, f"SIGTERM ended the simulator with {code}"

    def state(self):
        """What it has seen."""
        address = self.url.removesuffix("/commandcenter/api") + "/simulator/state"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)

    def count(self):
        """How many requests there were."""
        return sum(request["count"] for request in self.state()["requests"])
