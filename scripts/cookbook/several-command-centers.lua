-- The same databases at two Command Centers, one in each region; each is a profile of the configuration. If one of
-- them cannot be reached, the other's night goes on.
--
--     cvlua --simulate scripts/cookbook/several-command-centers.lua

local function night(name)
  local center = commcell(name)
  local rds = center.backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }
  return flow.map({ "orders", "crm" }, function(database) return rds{ subclientName = database }:wait() end)
end

local regions = flow.all{
  europe = function() return night "eu" end,
  america = function() return night "us" end,
}
if not regions.ok then log.warning("not good: " .. regions:bad()) end
