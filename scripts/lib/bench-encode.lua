-- Checked encode against lua-cjson's unchecked encode of the same JSON, in one process. Rounds of both
-- alternate, and the best round of each counts, so that a busy moment of the machine hits neither alone.
local cjson = require "cjson"

local function seconds(fn, argument, count)
  local start = os.clock()
  for _ = 1, count do fn(argument) end
  return os.clock() - start
end

local function compare(name, flat)
  local encode = backup.dynamodb.encode
  local nested = cjson.decode(encode(flat))
  assert(json.encode(cjson.decode(encode(nested))) == json.encode(nested), "not the same JSON")
  local count = 100000
  local best = { flat = math.huge, nested = math.huge, cjson = math.huge }
  for _ = 1, 7 do
    collectgarbage()
    best.flat = math.min(best.flat, seconds(encode, flat, count))
    best.nested = math.min(best.nested, seconds(encode, nested, count))
    best.cjson = math.min(best.cjson, seconds(cjson.encode, nested, count))
  end
  local function ns(which) return best[which] / count * 1e9 end
  print(("%-36s %5.0f ns  %4.2fx  (nested: %5.0f ns, %4.2fx; lua-cjson unchecked: %5.0f ns, 1x)"):format(
    name, ns "flat", best.cjson / best.flat, ns "nested", best.cjson / best.nested, ns "cjson"))
end

compare("full DynamoDB table, 25 fields", {
  clientName = "aws-prod", instanceName = "DynamoDB", displayName = "AWS production", backupsetId = 6,
  _type_ = 7, commCellName = "commserve01", instanceId = 12, csGUID = "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
  subclientGUID = "7D444840-9DC0-11D1-B245-5FFDCE74FAD2", subclientId = 1042, clientId = 17,
  appName = "Cloud Apps", backupsetName = "defaultBackupSet", applicationId = 134, subclientName = "customers",
  companyId = 3, companyName = "Commcell", multiCommcellId = 2, taskType = 1, subTaskType = 2,
  operationType = 2, backupLevel = "FULL", notifyUserOnJobCompletion = true, userId = 9, userName = "operator",
})
compare("usual DynamoDB table, 4 fields", {
  clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042, backupLevel = "FULL",
})
