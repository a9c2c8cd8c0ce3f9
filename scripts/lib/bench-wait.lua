-- A wait and its answer, on virtual time.
local count = 200000
local start = os.clock()
for _ = 1, count do flow.sleep(1) end
print(("%.0f"):format((os.clock() - start) / count * 1e9))
