"""Kills runs at random moments and takes them up again; see scripts/soak.

A round is one script, drawn by chance. It runs undisturbed first, which tells the backups that there must be. Then
it runs with a journal, is killed some times and taken up again. Most rounds are rehearsed in one process whose
simulator is on disk; every fourth goes over HTTP, where the Command Center is killed as well. What counts is the
simulator's own list of jobs.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import json

from soak_script import script

# Each holds for all lives of a round: none goes by a count, which begins anew with each process.
FAULTS = ["", "", "dynamodb:fail", "rds:errors", "createtask:drop-answer", "dynamodb:hidden=20s,createtask:truncate",
          "*:slow=10m", "rds:killed,createtask:reset"]


def jobs(state):
    """How many jobs the simulator made of each target and level."""
    with sqlite3.connect(state) as database:
        found = [json.loads(row[0]) for row in database.execute("SELECT json FROM record WHERE kind = 'job'")]
    database.close()
    return collections.Counter(f'{job["target"]} {job.get("asked", "-")}' for job in found)


class Round:
    def __init__(self, binary, number, seed):
        self.binary, self.number = binary, number
        self.chance = random.Random(seed * 1_000_003 + number)
        self.is_live = number % 4 == 3
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cvlua-soak-"))
        self.kills = 0
        self.environment = {
            "PATH": os.environ["PATH"], "TZ": "UTC", "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"), "XDG_STATE_HOME": str(self.folder / "state")}

    def start(self, *arguments):
        return subprocess.Popen(
            [self.binary, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")

    def run(self):
        """Gives (kills, lost, doubled, what else is wrong)."""
        (self.folder / "night.lua").write_text(script(self.chance, self.is_live))
        faults = self.chance.choice(FAULTS)
        simulated = ["--simulate", "--at", "2026-11-21T22:00", "--seed", str(self.number + 1), "--faults", faults]
        begin = time.monotonic()
        reference = self.start(*simulated, "--state", "reference.db", "--journal", "reference-journal.db", "night.lua")
        _, errors = reference.communicate(timeout=300)
        length = time.monotonic() - begin
        wanted = jobs(self.folder / "reference.db")
        if not wanted:
            return 0, 0, 0, f"the undisturbed run submitted nothing: {errors}"
        if self.is_live:
            code, errors = self.live(faults, reference.returncode)
        else:
            night = simulated + ["--state", "simulator.db", "--journal", "journal.db", "night.lua"]
            code, errors = self.lives(night, lambda: self.chance.uniform(0, length * 1.1))
        got = jobs(self.folder / "simulator.db")
        lost, doubled = sum((wanted - got).values()), sum((got - wanted).values())
        wrong = ""
        if code != reference.returncode:
            wrong = f"it ended with {code}, undisturbed with {reference.returncode}"
        if lost or doubled:
            wrong += f" lost {dict(wanted - got)}, doubled {dict(got - wanted)}"
        return self.kills, lost, doubled, wrong and f"{wrong}, faults \"{faults}\"\n{errors}"

    def lives(self, night, moment):
        """Kills it some times, then lets it come to its end. Gives exit code and standard error."""
        kills = self.chance.randint(1, 4)
        arguments = night
        while True:
            process = self.start(*arguments)
            try:
                _, errors = process.communicate(timeout=moment() if kills > 0 else 300)
            except subprocess.TimeoutExpired:
                process.kill()
                _, errors = process.communicate()
            if process.returncode != -signal.SIGKILL:
                if "there is no run last" in errors or "there is no journal" in errors:
                    arguments = night
                    continue
                # It was at its very end already, and has told what came of it.
                if "has ended (finished)" in errors:
                    return int(self.exit_code()), errors
                return process.returncode, errors
            self.kills += 1
            kills -= 1
            arguments = ["resume", "last", "--journal", "journal.db"]

    def exit_code(self):
        told = self.start("runs", "--journal", "journal.db").communicate()[0]
        return told.split("  exit ")[1].split()[0]

    def live(self, faults, code):
        password = self.folder / "password"
        password.write_text("simulator\n")
        password.chmod(0o600)
        serve = ["simulator", "--speed", "2000", "--state", "simulator.db", "--seed", str(self.number + 1),
                 "--faults", faults]
        server = self.start(*serve)
        url = server.stdout.readline().split()[1]
        (self.folder / "config.lua").write_text(
            f'return {{ sim = {{ url = "{url}", user = "simulator", password = secret.file "{password}", '
            f'unattended = true, settle = "1s" }} }}\n')
        address = url.split("//")[1].split("/")[0]
        ends = threading.Event()
        servers = [server]

        def disturb():
            # The Command Center dies as well, and comes back from what it kept.
            for _ in range(self.chance.randint(0, 2)):
                if ends.wait(self.chance.uniform(0.1, 4)):
                    return
                servers[-1].kill()
                servers[-1].communicate()
                self.kills += 1
                time.sleep(0.1)
                servers.append(self.start(*serve, "--listen", address))
                servers[-1].stdout.readline()

        other = threading.Thread(target=disturb)
        other.start()
        try:
            return self.lives(
                ["--config", "config.lua", "--journal", "journal.db", "night.lua"],
                lambda: self.chance.uniform(0, 5))
        finally:
            ends.set()
            other.join()
            servers[-1].kill()
            servers[-1].communicate()


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__.split("\n")[0])
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--runs", type=int, help="so many rounds; 100 where nothing is said")
    bound.add_argument("--minutes", type=float, help="as many rounds as that time takes")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of scripts and moments")
    parser.add_argument("--at-once", type=int, default=(os.cpu_count() or 1) * 2, help="rounds at a time")
    parser.add_argument("--binary", required=True, help="another cvlua than the release binary")
    options = parser.parse_args()
    if (options.runs or 1) < 1 or (options.minutes or 1) <= 0:
        parser.error("a soak needs at least one run, or some time")
    binary = str(pathlib.Path(options.binary).resolve())
    count = options.runs or (None if options.minutes else 100)
    end = time.monotonic() + options.minutes * 60 if options.minutes else None
    print(f"seed {options.seed}", flush=True)
    totals = collections.Counter()
    number = 0
    told = time.monotonic()

    def more():
        return number < count if count else time.monotonic() < end

    def line():
        return (f"{totals['runs']} runs ({totals['live']} over HTTP), {totals['kills']} kills, {totals['lost']} lost, "
                f"{totals['doubled']} doubled, {totals['other']} with another result")

    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        open_rounds = {}
        while open_rounds or more():
            while more() and len(open_rounds) < options.at_once:
                round_ = Round(binary, number, options.seed)
                open_rounds[pool.submit(round_.run)] = round_
                number += 1
            done, _ = concurrent.futures.wait(open_rounds, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                round_ = open_rounds.pop(future)
                try:
                    kills, lost, doubled, wrong = future.result()
                except Exception as error:  # A hung run, or a state that cannot be read, is a failure of its own.
                    kills, lost, doubled, wrong = round_.kills, 0, 0, repr(error)
                totals.update(runs=1, kills=kills, lost=lost, doubled=doubled, live=round_.is_live)
                if wrong:
                    totals["other"] += not (lost or doubled)
                    print(f"round {round_.number}: {wrong}; its files are kept in {round_.folder}", flush=True)
                else:
                    shutil.rmtree(round_.folder, ignore_errors=True)
            if time.monotonic() - told > 60:
                told = time.monotonic()
                print(line(), flush=True)
    print(line())
    return 1 if totals["lost"] or totals["doubled"] or totals["other"] else 0


sys.exit(main())
