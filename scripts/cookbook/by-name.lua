-- All databases whose names match a pattern, whatever there is tonight: a new one is in without a change here, and
-- one that is gone is missed by run.expect.
--
--     cvlua --simulate scripts/cookbook/by-name.lua ['^c']

local pattern = arg and arg[1] or "^c"

local chosen = {}
for _, found in ipairs(commcell():subclients{ client = "aws-prod" }) do
  if found.instanceName == "eu-west-1" and found.subclientName:find(pattern) then
    chosen[#chosen + 1] = found
  end
end
log("chosen by " .. pattern, { count = #chosen })
run.expect{ targets = 1 }

-- What a look-up finds can be the fields of a backup.
flow.map(chosen, function(found) return backup.rds(found):wait() end)
