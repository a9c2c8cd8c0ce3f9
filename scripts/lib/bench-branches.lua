-- 100,000 branches that wait at once: seconds of CPU to start them all.
local count = 100000
local list = {}
for i = 1, count do list[i] = i end
local start = os.clock()
local started
flow.map(list, function(i)
  if i == count then started = os.clock() - start end
  flow.sleep("1h")
end)
print(("%.2f"):format(started))
