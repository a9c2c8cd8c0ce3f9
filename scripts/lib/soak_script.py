"""Nights for scripts/soak: one of a fixed shape, and ones that are grown by chance from all that flow has.

What a night submits must not depend on when it was killed, so what races a backup never wins, and what is decided
by time is decided by far.
"""

HEAD = """
local ladder = require "ladder"
local rescue = ladder{{ levels = {{ "INCREMENTAL", "FULL" }}, on = {{ "failed", "errors" }} }}
local few    = {{ pool = pool{{ name = "few", max = {few} }} }}
local both   = {{ pool = {{ pool{{ name = "few", max = {few} }}, pool{{ name = "some", max = {some} }} }} }}
local dynamo = backup.dynamodb:with({{ clientName = "aws-prod", instanceName = "DynamoDB" }}, few)
local rds    = backup.rds:with{{ clientName = "aws-prod", instanceName = "eu-west-1" }}
local gate   = flow.semaphore({gate})
"""


def head(chance):
    return HEAD.format(few=chance.randint(1, 9), some=chance.randint(1, 9), gate=chance.randint(1, 4))


def fixed(chance):
    """3 to 40 backups, on several branches, some after others, some tried again."""
    tables = chance.sample(range(1000, 9999), chance.randint(2, 30))
    names = [f"db{i}" for i in range(chance.randint(1, 9))]
    return head(chance) + f"""
flow.defer(function() log("clean-up") end)
flow.all{{
  function()
    return flow.map({{ {", ".join(map(str, tables))} }}, function(id) return rescue(dynamo, {{ subclientId = id }}) end,
      {{ limit = {chance.randint(1, 20)} }})
  end,
  function()
    flow.sleep("{chance.randint(1, 2)}s")
    flow.map({{ {", ".join(f'"{n}"' for n in names)} }}, function(name) return rds{{ subclientName = name }}:wait() end)
    return backup.oracle{{ clientName = "aws-prod", instanceName = "ERP", backupLevel = "FULL" }}:wait()
  end,
  function() return backup.mssql{{ clientId = 23, instanceId = 231, subclientId = 1402, backupLevel = "FULL" }}:wait() end,
}}
"""


class Grown:
    """Grows statements. Each backup has a target of its own, each step a name."""

    def __init__(self, chance, is_live):
        # math.random is another in each live run, so only rehearsals may go by it.
        self.chance, self.is_live, self.names = chance, is_live, 0
        self.is_in_step = False

    def name(self):
        self.names += 1
        return self.names

    def backup(self):
        """An expression that submits."""
        number = self.name()
        return self.chance.choice([
            f'rds{{ subclientName = "db{number}" }}',
            f'rds({{ subclientName = "db{number}" }}, both)',
            f'dynamo{{ subclientId = {1000 + number}, backupLevel = "FULL" }}',
            f'backup.oracle{{ clientName = "aws-prod", instanceName = "ERP{number}", backupLevel = "FULL" }}'])

    def body(self, depth):
        return "\n".join(self.statement(depth - 1) for _ in range(self.chance.randint(1, 3)))

    def statement(self, depth):
        leaves = [self.waits, self.waits, self.waits, self.twice, self.climbs, self.sleeps, self.steps, self.asks]
        trees = [self.all, self.map, self.retries, self.protected, self.coroutine, self.wins, self.in_time, self.late,
                 self.step_of_backup, self.big_step, self.gated, self.closes, self.both_race]
        if not self.is_in_step:
            leaves += [self.defers, self.skips]
            trees += [self.spawns]
        if not self.is_live:
            trees += [self.by_chance]
        return self.chance.choice(trees if depth > 0 and self.chance.random() < 0.7 else leaves)(depth)

    def waits(self, _):
        return f"{self.backup()}:wait()"

    def twice(self, _):
        """The same target once more, which is another backup."""
        number = self.name()
        how = self.chance.choice(["", 'run.key "again, {number}" ']).format(number=number)
        return (f'rds{{ subclientName = "twice{number}" }}:wait() {how}'
                f'rds{{ subclientName = "twice{number}" }}:wait()')

    def asks(self, _):
        number = self.name()
        return self.chance.choice([
            f'run.remember("m{number}", (run.recall("m{number}") or 0) + 1)',
            f'do local task = {self.backup()} if task.jobs[1] then job(task.jobs[1]):status() end task:wait() end'])

    def climbs(self, _):
        return f"rescue(dynamo, {{ subclientId = {1000 + self.name()} }})"

    def sleeps(self, _):
        return f'flow.sleep "{self.chance.choice([1, 2] if self.is_live else [1, 15, 60, 900])}s"'

    def steps(self, _):
        value = self.chance.choice(["nil", "false", "os.time()", "{ 1, { a = true } }", "math.random()"])
        return f'flow.step("step {self.name()}", function() return {value} end)'

    def defers(self, _):
        return self.chance.choice([
            'flow.defer(function() log "clean-up" end)', 'flow.defer(function() flow.sleep "1s" end)',
            f"flow.defer(function() {self.backup()}:wait() end)"])

    def skips(self, _):
        return f'run.skip("none {self.name()}", "left out")'

    def all(self, depth):
        functions = ", ".join(f"function()\n{self.body(depth)}\nend" for _ in range(self.chance.randint(1, 3)))
        return f"flow.all{{ {functions} }}"

    def map(self, depth):
        # The same code on each branch, so what it submits is made of the item.
        items = ", ".join(str(self.name()) for _ in range(self.chance.randint(1, 8)))
        limit = self.chance.choice(["", ", { limit = 1 }", ", { limit = 3 }"])
        return f"""flow.map({{ {items} }}, function(n)
{self.chance.choice(["", 'flow.sleep(n % 3)', 'flow.step("of " .. n, function() return n end)'])}
{self.chance.choice(['return rds{ subclientName = "item" .. n }:wait()', 'return rescue(dynamo, { subclientId = 5000 + n })'])}
end{limit})"""

    def retries(self, _):
        return (f'flow.retry({{ attempts = 2, delay = "{self.chance.choice([1, 30])}s", when = {{ "failed" }} }}, '
                f"function() return {self.backup()}:wait() end)")

    def protected(self, depth):
        return f'pcall(function()\n{self.body(depth)}\nerror "on the way"\nend)'

    def coroutine(self, depth):
        return f"""do local go = coroutine.wrap(function()
{self.body(depth)}
coroutine.yield()
{self.body(depth)}
end) go() go() end"""

    def wins(self, depth):
        return f'flow.race{{ function() flow.sleep "40d" end, function()\n{self.body(depth)}\nend }}'

    def in_time(self, depth):
        return f'flow.timeout("40d", function()\n{self.body(depth)}\nend)'

    def late(self, depth):
        return (f'if flow.timeout("{self.chance.choice([1, 12])}s", flow.sleep, "9h").outcome == "gave_up" then\n'
                f"{self.body(depth)}\nelse {self.backup()}:wait() end")

    def spawns(self, depth):
        return (f"do local branch = flow.spawn(function()\n{self.body(depth)}\nend)\n{self.body(depth)}\n"
                f'{self.chance.choice(["branch:join()", ""])} end')

    def step_of_backup(self, _):
        return f'flow.step("backup {self.name()}", function() return {self.backup()}:wait().outcome end)'

    def big_step(self, depth):
        was, self.is_in_step = self.is_in_step, True
        name, body = self.name(), self.body(depth)
        self.is_in_step = was
        return f'flow.step("all of {name}", function()\n{body}\nend)'

    def both_race(self, _):
        """Both are sent at once; who loses leaves a job that runs on."""
        return f"flow.race{{ function() {self.backup()}:wait() end, function() {self.backup()}:wait() end }}"

    def gated(self, depth):
        return f"do local permit <close> = gate:acquire()\n{self.waits(depth)}\nend"

    def closes(self, depth):
        return (f"do local last <close> = setmetatable({{}}, {{ __close = function() {self.backup()}:wait() end }})\n"
                f"{self.body(depth)}\nend")

    def by_chance(self, depth):
        return f"if math.random() < 0.5 then\n{self.body(depth)}\nelse\n{self.body(depth)}\nend"


def script(chance, is_live):
    """A night, drawn by chance."""
    if chance.random() < 0.4:
        return fixed(chance)
    grown = Grown(chance, is_live)
    return head(chance) + "\n".join(grown.statement(3) for _ in range(chance.randint(1, 4))) + f"\n{grown.backup()}:wait()\n"
