-- What the last seven days came to, by client: how many jobs, how many of them good, how much, and each that was not
-- good. Standard output is the report's, so it can be piped into a mail. Submits nothing.
--
--     cvlua --simulate --state server.db scripts/cookbook/weekly-report.lua

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

print("the seven days to " .. os.date("%Y-%m-%d"))
for _, name in ipairs(names) do
  local row = clients[name]
  print(string.format("%-12s %3d jobs, %3d good, %8.1f GB", name, row.jobs, row.good, row.bytes / 1e9))
  for _, past in ipairs(row.bad) do
    print(string.format("    job %s  %s/%s  %s", past.id, past.instance or "?", past.subclient or "?", past.status))
  end
end
