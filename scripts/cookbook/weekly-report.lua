-- What the last seven days came to, by client: how many jobs, how many of them good, how much, and each that was not
-- good. Standard output is the report's, so it can be piped into a mail. Submits nothing.
--
--     cvlua --simulate --state server.db scripts/cookbook/weekly-report.lua

local fmt = require "fmt"

local clients, names = {}, {}
for _, past in ipairs(commcell():jobs{ finished_since = "7d" }) do
  local name = past.client or "?"
  local row = clients[name]
  if not row then
    row = { jobs = 0, good = 0, bytes = 0, bad = {} }
    clients[name], names[#names + 1] = row, name
  end
  row.jobs = row.jobs + 1
  if past.outcome == "completed" or past.outcome == "warnings" then
    row.good, row.bytes = row.good + 1, row.bytes + past.bytes
  else
    row.bad[#row.bad + 1] = past
  end
end
table.sort(names)

local rows, bad = {}, {}
for i, name in ipairs(names) do
  local row = clients[name]
  rows[i] = { name, row.jobs, row.good, row.bytes }
  table.move(row.bad, 1, #row.bad, #bad + 1, bad)
end

print("the seven days to " .. os.date("%Y-%m-%d"))
print(fmt.table(rows, { "client", "jobs", "good", { title = "size", as = fmt.size } }))
for _, past in ipairs(bad) do
  print(past.status .. ": job " .. past.id .. ", " .. (past.instance or "?") .. "/" .. (past.subclient or "?"))
end
