#!/usr/bin/env python3
"""Runs every command of README.md and compares what it prints with what the page says.

A `console` block holds one command and its whole output. Simulated nights begin at a fixed time here, as the
page's did. The Lua block is run as a script. `scripts/test` is run by .ci/run itself.
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
environment = dict(os.environ, TZ="UTC")
failed = 0


def run(command, script=None):
    if "--simulate" in command and "--at" not in command:
        command = command.replace("--simulate", "--simulate --at 2026-11-21T22:00", 1)
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, env=environment, input=script, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
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
assert kinds.count("console") >= 6 and kinds.count("lua") == 1, kinds
run("scripts/cvlua --version")  # builds, and says so
for kind, text in blocks:
    if kind == "console":
        command, _, expected = text.partition("\n")
        assert command.startswith("$ "), command
        check(command[2:], expected, run(command[2:])[1])
    elif kind == "lua":
        code, printed = run("scripts/cvlua --simulate -", text)
        check("the night in ten lines", "exit 0", f"exit {code}" + ("" if code == 0 else "\n" + printed))
    elif kind == "json":
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(text)
            file.flush()
            code, printed = run(f"scripts/cvlua --simulate --inventory {file.name} -e ''")
            check("the inventory", "exit 0", f"exit {code}" + ("" if code == 0 else "\n" + printed))
count = kinds.count("console") + kinds.count("lua") + kinds.count("json")
print(f"{count - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
