--- Tells people outside that something needs them, at addresses that are secrets of the profile.
---
---     local notify = require "notify"
---     run.on_attention(notify.slack(secret "slack-oncall"))
---
--- `notify.slack(secret)`    a function that posts a message's text to an incoming webhook of Slack
--- `notify.webhook(secret)`  a function that posts a message to any URL, as a JSON object
---
--- A message is a string, or a table with a `text`, as run.on_attention gives one. It is on disk when the
--- function returns, and is told even where this process ends before; see run.tell.

---@class notify
---@field slack fun(address: cvlua.secret): async fun(message: string|cvlua.message)
---@field webhook fun(address: cvlua.secret): async fun(message: string|cvlua.message)

local function teller(form)
  return function(address)
    if tostring(address) ~= "<secret>" then
      error("notify." .. form .. " takes a secret, as in notify." .. form .. "(secret \"oncall\")", 2)
    end
    return function(message) return run.tell(address, form, message) end
  end
end

return { slack = teller "slack", webhook = teller "webhook" }
