--- Tells people outside that something needs them: once, whatever dies in between.
---
---     local notify = require "notify"
---     local oncall = notify.pagerduty(secret "pagerduty")
---     local team = notify.email{ to = "ops@example.com" }
---     run.on_attention(notify.all{ oncall, notify.on_change("nightly", notify.grouped(team)) })
---     local digest = notify.digest(team, { subject = "Tonight" })
---     digest "six tables are new"
---
--- Where it goes, each a function of a message (a string, or a table with a `text`, as run.on_attention gives one):
---
--- `notify.slack(secret)`      an incoming webhook of Slack
--- `notify.teams(secret)`      a webhook of a workflow of Microsoft Teams
--- `notify.pagerduty(secret)`  PagerDuty's Events API v2; the secret is the routing key, or URL, blank and key
--- `notify.webhook(secret)`    any URL, which gets the message as a JSON object
--- `notify.email{ to = … }`    the host's sendmail; with `from` and `subject` where they should be others
---
--- A message is on disk when the function returns, and is told even where this process ends before; see run.tell. A
--- rehearsal tells nobody, and says what it would have told. What there is around them:
---
--- `notify.all{ … }`           tells several
--- `notify.grouped(tell)`      one line for all reasons that are the same but for their target
--- `notify.on_change(name, tell)`  only what is not as it was in the run before
--- `notify.digest(tell)`       gathers messages, and tells them as one when the branch ends

---@class notify
local notify = {}

---@alias notify.tell async fun(message: string|cvlua.message)

local function check_secret(address, name)
  if tostring(address) ~= "<secret>" then
    error("notify." .. name .. " takes a secret, as in notify." .. name .. "(secret \"oncall\")", 3)
  end
end

local function check_teller(tell, name)
  if type(tell) ~= "function" then
    error("notify." .. name .. " takes a function that tells, such as notify.slack(secret \"oncall\")", 3)
  end
end

-- A message as a table of its own.
local function message_of(given)
  if type(given) == "string" then return { text = given } end
  if type(given) ~= "table" or type(given.text) ~= "string" then
    error("a message is a string, or a table with a text", 3)
  end
  local copy = {}
  for name, value in pairs(given) do copy[name] = value end
  return copy
end

--- Posts the text to an incoming webhook of Slack.
---@param address cvlua.secret
---@return notify.tell
function notify.slack(address)
  check_secret(address, "slack")
  return function(message) return run.tell(address, "slack", message) end
end

--- Posts a card to a webhook of a workflow of Microsoft Teams.
---@param address cvlua.secret
---@return notify.tell
function notify.teams(address)
  check_secret(address, "teams")
  return function(message) return run.tell(address, "teams", message) end
end

--- Posts the message as a JSON object.
---@param address cvlua.secret
---@return notify.tell
function notify.webhook(address)
  check_secret(address, "webhook")
  return function(message) return run.tell(address, "webhook", message) end
end

---@class notify.event_options
---@field severity? "critical"|"error"|"warning"|"info" else error
---@field dedup_key? string all events of one key are one alert; else the run's
---@field source? string what is affected

--- Triggers an alert of PagerDuty; all events of one run are one alert.
---@param key cvlua.secret
---@param options? notify.event_options
---@return notify.tell
function notify.pagerduty(key, options)
  check_secret(key, "pagerduty")
  return function(message)
    local event = message_of(message)
    for name, value in pairs(options or {}) do event[name] = value end
    return run.tell(key, "pagerduty", event)
  end
end

---@class notify.mail_options
---@field to string addresses, with commas between
---@field from? string
---@field subject? string

--- Sends a mail by the host's sendmail.
---@param options notify.mail_options
---@return notify.tell
function notify.email(options)
  if type(options) ~= "table" or type(options.to) ~= "string" then
    error("notify.email takes a table such as { to = \"ops@example.com\" }", 2)
  end
  for name in pairs(options) do
    if name ~= "to" and name ~= "from" and name ~= "subject" then
      error("notify.email knows no " .. tostring(name) .. "; it takes to, from and subject", 2)
    end
  end
  return function(message)
    local mail = message_of(message)
    return run.tell(options.to, "email",
      { text = mail.text, subject = options.subject or mail.subject, from = options.from or mail.from })
  end
end

--- Tells several.
---@param tellers notify.tell[]
---@return notify.tell
function notify.all(tellers)
  if type(tellers) ~= "table" then error("notify.all takes a list of functions that tell", 2) end
  for _, tell in ipairs(tellers) do check_teller(tell, "all") end
  return function(message)
    local problem
    for _, tell in ipairs(tellers) do
      -- One that cannot be told must not cost the others.
      local ok, why = pcall(tell, message)
      if not ok then problem = problem or why end
    end
    if problem then error(problem, 0) end
  end
end

--- Says reasons that are the same but for their target once: `failed: no credentials (crm, orders and 12 more)`.
---@param tell notify.tell
---@return notify.tell
function notify.grouped(tell)
  check_teller(tell, "grouped")
  return function(message)
    local told = message_of(message)
    if type(told.reasons) ~= "table" or #told.reasons < 2 then return tell(told) end
    local groups, order = {}, {}
    for _, reason in ipairs(told.reasons) do
      -- Ids of jobs make no other reason of it.
      local text = reason.message:gsub("%d%d%d%d+", "…")
      local group = groups[text]
      if not group then
        group = { targets = {}, count = 0, first = reason.message }
        groups[text], order[#order + 1] = group, text
      end
      group.count = group.count + 1
      group.targets[#group.targets + 1] = reason.target
    end
    local lines = { told.text:match "^[^\n]*" }
    for _, text in ipairs(order) do
      local group = groups[text]
      local what = #group.targets > 0 and " (" .. require "fmt".list(group.targets, 5) .. ")"
        or group.count > 1 and " (" .. group.count .. " times)" or ""
      lines[#lines + 1] = (group.count > 1 and text or group.first) .. what
    end
    -- Who sees more says so in the last line.
    local last = told.text:match "\n(see cvlua show [^\n]*)$"
    lines[#lines + 1] = last
    told.text = table.concat(lines, "\n")
    return tell(told)
  end
end

-- What a message says, without what differs from run to run.
local function subject_of(message)
  if type(message.reasons) ~= "table" then return message.text end
  local lines = {}
  for i, reason in ipairs(message.reasons) do
    lines[i] = tostring(reason.kind) .. " " .. tostring(reason.target or reason.message)
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

--- Tells only what is not as it was in the run before: a trouble that stays is told once, one that comes back again. Call
--- it in each run of the script, good ones too: that is how it knows that a trouble was over.
---@async
---@param name string what it is called; each has a memory of its own
---@param tell notify.tell
---@param options? { again: integer } tells a trouble that stays anew after so many runs
---@return notify.tell
function notify.on_change(name, tell, options)
  if type(name) ~= "string" then error("notify.on_change takes a name and a function that tells", 2) end
  check_teller(tell, "on_change")
  local again = options and options.again or math.huge
  local key = "notify " .. name
  local memory = run.recall(key) or { count = 0 }
  local this = memory.count + 1
  run.remember(key, { count = this, last = memory.last, since = memory.since, text = memory.text })
  return function(message)
    local told = message_of(message)
    local text = subject_of(told)
    local stays = memory.last == this - 1 and memory.text == text and this - memory.since < again
    local since = stays and memory.since or this
    if not stays then tell(told) end
    run.remember(key, { count = this, last = this, since = since, text = text })
  end
end

--- Gathers messages, and tells them as one when the branch that called this ends; nothing where there are none. Messages
--- of the same text are told once, with their number.
---@param tell notify.tell
---@param options? { subject: string } its first line
---@return fun(message: string|cvlua.message)
function notify.digest(tell, options)
  check_teller(tell, "digest")
  local counts, order = {}, {}
  flow.defer(function()
    if #order == 0 then return end
    local lines = { options and options.subject }
    for _, text in ipairs(order) do
      lines[#lines + 1] = (counts[text] > 1 and counts[text] .. " × " or "") .. text
    end
    order = {}
    tell{ text = table.concat(lines, "\n"), subject = options and options.subject }
  end)
  return function(message)
    local text = message_of(message).text
    if not counts[text] then order[#order + 1] = text end
    counts[text] = (counts[text] or 0) + 1
  end
end

return notify
