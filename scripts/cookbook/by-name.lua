-- All databases whose names match a pattern, whatever there is tonight: a new one is in without a change here and is
-- told of, and so is one that is gone. Fewer than there must be are no green night.
--
--     cvlua --simulate scripts/cookbook/by-name.lua [PATTERN]

local inventory = require "inventory"

local chosen = inventory.subclients{
  client = "aws-*", instance = "eu-*", subclient = arg and arg[1] or { "orders*", "c*" }, except = "*-test",
}
log("chosen: " .. inventory.names(chosen))

local changes = inventory.changes("databases", chosen)
if not changes.is_first and #changes.added > 0 then log.warning("new: " .. inventory.names(changes.added)) end
if #changes.removed > 0 then log.warning("gone: " .. inventory.names(changes.removed)) end

run.expect{ targets = 2 }

-- What a look-up finds can be the fields of a backup.
flow.map(chosen, function(found) return backup.rds(found):wait() end)
