#!/usr/bin/env python3
"""Runs every command of README.md and compares what it prints with what the page says.

A `console` block holds one command and its whole output. Simulated nights begin at a fixed time here, as the
page's did; a command with --yes talks to a `cvlua simulator --tls` that the environment names, and times, ports
and counts of polls are left out of the comparison. Lua blocks are run as scripts, or read as a
configuration where they are one. `scripts/test` is run by .ci/run itself.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
page = (root / "README.md").read_text()
state = tempfile.TemporaryDirectory()  # the journal of live runs
environment = dict(os.environ, TZ="UTC", XDG_STATE_HOME=state.name)
failed = 0


def start_server():
    """Starts a simulator, and names it in the environment."""
    server = subprocess.Popen(
        ["scripts/cvlua", "simulator", "--tls", "--token", "demo", "--speed", "100"], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = dict(server.stdout.readline().strip().split(" ", 1) for _ in range(4))
    environment.update(CVLUA_URL=told["url"], CVLUA_TOKEN="demo", CVLUA_CA_FILE=told["ca"])
    return server


def masked(text):
    """Text without what differs from run to run of a real clock."""
    for pattern in [
            r"\d\d:\d\d:\d\d", r"\d{4}-\d\d-\d\d", r"\w+day\b", r"127\.0\.0\.1:\d+", r"(\d+[hms] )*\d+(ms|s)\b",
            r"\d+ (?=polls|requests)"]:
        text = re.sub(pattern, "…", text)
    return re.sub(r" +", " ", text)


def run(command, script=None):
    if "--simulate" in command and "--at" not in command:
        command = command.replace("--simulate", "--simulate --at 2026-11-21T22:00", 1)
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, env=environment, input=script, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3000)  # the first one builds
    return done.returncode, done.stdout


def check(name, expected, got):
    global failed
    if expected == got:
        print(f"ok      {name}")
        return
    failed += 1
    print(f"differs {name}")
    sys.stdout.writelines(difflib.unified_diff(
        expected.splitlines(True), got.splitlines(True), "README.md", "printed"))


blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.M | re.S)
kinds = [kind for kind, _ in blocks]
assert kinds.count("console") >= 6 and kinds.count("lua") >= 6, kinds
run("scripts/cvlua --version")  # builds, and says so
server = start_server()
for kind, text in blocks:
    if kind == "console":
        command, _, expected = text.partition("\n")
        assert command.startswith("$ "), command
        printed = run(command[2:])[1]
        if "--yes" in command:
            expected, printed = masked(expected), masked(printed)
        check(command[2:], expected, printed)
    elif kind == "lua" and re.match(r"return|\w+ = ", text):
        # A configuration, or part of a profile.
        whole = text if text.startswith("return") else (
            'return { p = { url = "https://cc", token = secret.env "T",\n' + text + "} }")
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(whole)
            file.flush()
            code, printed = run(f"env -u CVLUA_URL -u CVLUA_TOKEN scripts/cvlua --config {file.name} -e ''")
            check("a configuration", "exit 0", f"exit {code}" + ("" if code == 0 else "\n" + printed))
    elif kind == "lua":
        code, printed = run("scripts/cvlua --simulate -", text)
        # What it expects of its night is its own.
        check("a script", "no mistake", f"exit {code}\n{printed}" if code in (64, 65) else "no mistake")
    elif kind == "json":
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(text)
            file.flush()
            code, printed = run(f"scripts/cvlua --simulate --inventory {file.name} -e ''")
            check("the inventory", "exit 0", f"exit {code}" + ("" if code == 0 else "\n" + printed))
server.terminate()
server.wait()
count = kinds.count("console") + kinds.count("lua") + kinds.count("json")
print(f"{count - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
