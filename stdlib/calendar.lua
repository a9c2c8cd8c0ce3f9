--- Times of no backups, from an iCalendar file (RFC 5545) as calendars export it.
---
---     local calendar = require "calendar"
---     local holidays = calendar.read("holidays.ics", { zone = "Europe/Berlin" })
---     run.window{ last_start = "05:00", zone = "Europe/Berlin", blackout = holidays:blackout() }
---     if holidays:is_blackout(os.time()) then log "a holiday" end
---
--- `calendar.read(path, options)` reads a file beside the script (see run.read), once a run: a run that is taken up again
--- goes by the same text. `calendar.parse(text, options)` takes the text. Options: `zone`, in which times without a zone
--- and whole days are meant (else the machine's), and `zones`, names of the file's zones that the zone database does not
--- know, as in `{ ["W. Europe Standard Time"] = "Europe/Berlin" }`.
---
--- Of events it knows DTSTART, DTEND, DURATION, RRULE (FREQ=DAILY, WEEKLY, MONTHLY, YEARLY with INTERVAL, COUNT, UNTIL,
--- BYDAY, BYMONTHDAY, BYMONTH, WKST), RDATE, EXDATE, RECURRENCE-ID and STATUS:CANCELLED; whether an event is shown as
--- free (TRANSP) does not matter. What says when an event is and is not known is an error that names the line.

---@class calendar
local calendar = {}

---@class calendar.options
---@field zone? string
---@field zones? table<string, string>

---@class calendar.occurrence
---@field from integer unix time
---@field to integer unix time, after the end
---@field summary string
---@field is_whole_day boolean

---@class calendar.calendar
local methods = {}
methods.__index = methods
methods.__name = "calendar"

-- Reading -------------------------------------------------------------------------------------------

-- What says nothing of the time of an event.
local harmless = {}
for name in ([[DTSTAMP UID CREATED LAST-MODIFIED SEQUENCE SUMMARY DESCRIPTION LOCATION CLASS CATEGORIES COMMENT CONTACT
  ORGANIZER ATTENDEE URL PRIORITY TRANSP GEO RESOURCES ATTACH RELATED-TO REQUEST-STATUS COLOR IMAGE CONFERENCE]]):gmatch "%S+" do
  harmless[name] = true
end

local weekdays = { SU = 1, MO = 2, TU = 3, WE = 4, TH = 5, FR = 6, SA = 7 }
local frequencies = { DAILY = true, WEEKLY = true, MONTHLY = true, YEARLY = true }

-- A reader of one file: it knows its name, and where it is.
local function fail(reader, message) error(reader.name .. ":" .. reader.line .. ": " .. message, 0) end

-- Lines that were folded become one again; each comes with its number.
local function unfolded(text)
  local lines, number = {}, 0
  for line in (text:gsub("^\xef\xbb\xbf", "") .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    line = line:gsub("\r$", "")
    local first = line:byte()
    if (first == 32 or first == 9) and #lines > 0 then
      lines[#lines].text = lines[#lines].text .. line:sub(2)
    elseif line ~= "" then
      lines[#lines + 1] = { number = number, text = line }
    end
  end
  return lines
end

-- `NAME;PARAMETER=value;OTHER="quoted":content`
local function property(reader, text)
  local name, rest = text:match "^([%w-]+)(.*)$"
  if not name then fail(reader, "this is no line of a calendar: " .. text:sub(1, 60)) end
  local parameters = {}
  while rest:sub(1, 1) == ";" do
    local parameter, after = rest:match "^;([%w-]+)=(.*)$"
    if not parameter then fail(reader, name .. " has a parameter that cannot be read") end
    local value = after:match '^"[^"]*"'
    if value then
      rest = after:sub(#value + 1)
      value = value:sub(2, -2)
    else
      value = after:match "^[^;:]*"
      rest = after:sub(#value + 1)
    end
    parameters[parameter:upper()] = value
  end
  if rest:sub(1, 1) ~= ":" then fail(reader, name .. " has no content") end
  return name:upper(), parameters, rest:sub(2)
end

local function plain(text) return (text:gsub("\\n", " "):gsub("\\N", " "):gsub("\\(.)", "%1")) end

-- A date or a date with a time: its parts, its zone, and whether it is a whole day.
local function moment(reader, name, value, parameters)
  local year, month, day, rest = value:match "^(%d%d%d%d)(%d%d)(%d%d)(.*)$"
  if not year then fail(reader, name .. " is no date such as 20261224 or 20261224T220000: " .. value) end
  local at = { year = year + 0, month = month + 0, day = day + 0 }
  local days = { 31, at.year % 4 == 0 and (at.year % 100 ~= 0 or at.year % 400 == 0) and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  if not days[at.month] or at.day < 1 or at.day > days[at.month] then fail(reader, name .. " is a day that does not exist: " .. value) end
  if rest == "" then
    if parameters.VALUE and parameters.VALUE ~= "DATE" then fail(reader, name .. " is a day, and says VALUE=" .. parameters.VALUE) end
    at.is_whole_day = true
    return at
  end
  if parameters.VALUE == "DATE" then fail(reader, name .. " says VALUE=DATE and has a time: " .. value) end
  local hour, min, sec, utc = rest:match "^T(%d%d)(%d%d)(%d%d)(Z?)$"
  if not hour or hour + 0 > 23 or min + 0 > 59 or sec + 0 > 60 then fail(reader, name .. " has no time such as T220000: " .. value) end
  at.hour, at.min, at.sec = hour + 0, min + 0, math.min(sec + 0, 59)
  if utc == "Z" then
    at.zone = "UTC"
  elseif parameters.TZID then
    local given = parameters.TZID
    at.zone = reader.zones[given] or (given:gsub("^/[^/]*/", ""))
    if not reader.known[at.zone] then
      local ok = pcall(run.date, 0, at.zone)
      if not ok then
        fail(reader, name .. " is in the zone " .. given
          .. ", which is unknown; say what it is, as in zones = { [\"" .. given .. "\"] = \"Europe/Berlin\" }")
      end
      reader.known[at.zone] = true
    end
  end
  return at
end

local function duration(reader, name, value)
  local sign, rest = value:match "^([+-]?)P(.*)$"
  local seconds, found = 0, false
  local function take(pattern, factor)
    local number, after = (rest or ""):match(pattern)
    if number then seconds, rest, found = seconds + number * factor, after, true end
  end
  take("^(%d+)W(.*)$", 604800)
  take("^(%d+)D(.*)$", 86400)
  if rest and rest:sub(1, 1) == "T" then
    rest = rest:sub(2)
    take("^(%d+)H(.*)$", 3600)
    take("^(%d+)M(.*)$", 60)
    take("^(%d+)S(.*)$", 1)
  end
  if not found or rest ~= "" or sign == "-" then fail(reader, name .. " is no duration such as PT2H: " .. value) end
  return seconds
end

local function number(reader, name, text, from, to)
  local value = math.tointeger(tonumber(text:match "^[+-]?%d+$"))
  if not value or value < from or value > to or value == 0 then fail(reader, "RRULE: " .. name .. " cannot be " .. text) end
  return value
end

local function rule(reader, value)
  local found = { interval = 1, week = 2, line = reader.line }
  for part in value:gmatch "[^;]+" do
    local name, text = part:match "^([%w-]+)=(.+)$"
    if not name then fail(reader, "RRULE has a part that cannot be read: " .. part) end
    name, text = name:upper(), text:upper()
    if name == "FREQ" then
      if not frequencies[text] then fail(reader, "RRULE: FREQ=" .. text .. " is not known; DAILY, WEEKLY, MONTHLY and YEARLY are") end
      found.every = text
    elseif name == "INTERVAL" then
      found.interval = number(reader, name, text, 1, 10000)
    elseif name == "COUNT" then
      found.count = number(reader, name, text, 1, 100000)
    elseif name == "UNTIL" then
      found.last = moment(reader, "UNTIL", text, {})
    elseif name == "WKST" then
      found.week = weekdays[text] or fail(reader, "RRULE: WKST cannot be " .. text)
    elseif name == "BYDAY" then
      found.days = {}
      for one in text:gmatch "[^,]+" do
        local nth, day = one:match "^([+-]?%d*)(%u%u)$"
        if not nth or not weekdays[day] then fail(reader, "RRULE: BYDAY cannot be " .. one) end
        found.days[#found.days + 1] = { day = weekdays[day], nth = nth ~= "" and number(reader, name, nth, -53, 53) or nil }
      end
    elseif name == "BYMONTHDAY" then
      found.month_days = {}
      for one in text:gmatch "[^,]+" do found.month_days[#found.month_days + 1] = number(reader, name, one, -31, 31) end
    elseif name == "BYMONTH" then
      found.months = {}
      for one in text:gmatch "[^,]+" do found.months[number(reader, name, one, 1, 12)] = true end
    else
      fail(reader, "RRULE: " .. name .. " is not known; FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH and WKST are")
    end
  end
  if not found.every then fail(reader, "RRULE has no FREQ") end
  if found.count and found.last then fail(reader, "RRULE has COUNT and UNTIL, where one is allowed") end
  if found.month_days and found.every == "WEEKLY" then fail(reader, "RRULE: BYMONTHDAY says nothing in a weekly rule") end
  for _, day in ipairs(found.days or {}) do
    if day.nth and found.every ~= "MONTHLY" and found.every ~= "YEARLY" then
      fail(reader, "RRULE: BYDAY counts weekdays of months and years only")
    end
  end
  return found
end

local function list(reader, name, value, parameters)
  if parameters.VALUE == "PERIOD" then fail(reader, name .. " with periods is not known") end
  local found = {}
  for one in value:gmatch "[^,]+" do found[#found + 1] = moment(reader, name, one, parameters) end
  return found
end

-- Time ----------------------------------------------------------------------------------------------

-- The days of a date since 1970; years that begin in March have the leap day at their end, and 400 of them are always
-- 146097 days. A day that the month does not have runs on into the next, a month into the next year.
local function day_number(year, month, day)
  local months = year * 12 + month - 1
  year, month = months // 12, months % 12 + 1
  if month < 3 then year, month = year - 1, month + 12 end
  local era, of_era = year // 400, year % 400
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + (153 * (month - 3) + 2) // 5 + day - 1 - 719468
end

-- And back; `wday` is 1 for Sunday.
local function civil(days)
  local shifted = days + 719468
  local era, of_era = shifted // 146097, shifted % 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  return {
    year = year + era * 400 + (month > 9 and 1 or 0), month = month > 9 and month - 9 or month + 3,
    day = of_year - (153 * month + 2) // 5 + 1, wday = (days + 4) % 7 + 1,
  }
end

local function unix(self, at, zone)
  zone = at.zone or zone or self.zone
  if zone ~= "UTC" then return run.time(at, zone) end
  return day_number(at.year, at.month, at.day) * 86400 + (at.hour or 0) * 3600 + (at.min or 0) * 60 + (at.sec or 0)
end

local function month_length(year, month)
  return day_number(year, month + 1, 1) - day_number(year, month, 1)
end

-- The days of one week, month or year that a rule names, by number; sorted.
local function days_of(rule_, start, first, length, in_month)
  local found = {}
  if rule_.month_days and in_month then
    for _, n in ipairs(rule_.month_days) do
      local day = n > 0 and n or length + n + 1
      if day >= 1 and day <= length then found[first + day - 1] = true end
    end
  end
  if rule_.days then
    local named = {}
    for _, one in ipairs(rule_.days) do
      -- 1970-01-01 was a Thursday, 5 as os.date counts.
      local offset = (one.day - 5 - first) % 7
      if one.nth and one.nth > 0 then
        local day = offset + (one.nth - 1) * 7
        if day < length then named[first + day] = true end
      elseif one.nth then
        local last = offset + (length - 1 - offset) // 7 * 7
        local day = last + (one.nth + 1) * 7
        if day >= 0 then named[first + day] = true end
      else
        for day = offset, length - 1, 7 do named[first + day] = true end
      end
    end
    if rule_.month_days and in_month then
      -- Both: the days that both name.
      for day in pairs(found) do
        if not named[day] then found[day] = nil end
      end
    else
      found = named
    end
  elseif not (rule_.month_days and in_month) then
    if start <= length then found[first + start - 1] = true end
  end
  local sorted = {}
  for day in pairs(found) do sorted[#sorted + 1] = day end
  table.sort(sorted)
  return sorted
end

-- The candidate days of the period number `index` of a rule, counted from that of its first day.
local function period(rule_, begin, index)
  local step = index * rule_.interval
  if rule_.every == "DAILY" then
    local day = day_number(begin.year, begin.month, begin.day) + step
    local at = civil(day)
    if rule_.months and not rule_.months[at.month] then return {}, day end
    if rule_.days then
      local fits = false
      for _, one in ipairs(rule_.days) do fits = fits or one.day == at.wday end
      if not fits then return {}, day end
    end
    if rule_.month_days then
      local fits, length = false, month_length(at.year, at.month)
      for _, n in ipairs(rule_.month_days) do fits = fits or n == at.day or length + n + 1 == at.day end
      if not fits then return {}, day end
    end
    return { day }, day
  elseif rule_.every == "WEEKLY" then
    local own = day_number(begin.year, begin.month, begin.day)
    local wday = civil(own).wday
    local first = own - (wday - rule_.week) % 7 + step * 7
    local days = rule_.days and days_of(rule_, 1, first, 7, false) or { own + step * 7 }
    if rule_.months then
      local kept = {}
      for _, day in ipairs(days) do
        if rule_.months[civil(day).month] then kept[#kept + 1] = day end
      end
      days = kept
    end
    return days, first
  elseif rule_.every == "MONTHLY" then
    local months = begin.year * 12 + begin.month - 1 + step
    local year, month = months // 12, months % 12 + 1
    local first = day_number(year, month, 1)
    if rule_.months and not rule_.months[month] then return {}, first end
    return days_of(rule_, begin.day, first, month_length(year, month), true), first
  end
  local year = begin.year + step
  local first = day_number(year, 1, 1)
  local days = {}
  if rule_.months or rule_.month_days then
    for month = 1, 12 do
      if not rule_.months or rule_.months[month] then
        for _, day in ipairs(days_of(rule_, begin.day, day_number(year, month, 1), month_length(year, month), true)) do
          days[#days + 1] = day
        end
      end
    end
  elseif rule_.days then
    days = days_of(rule_, 1, first, day_number(year + 1, 1, 1) - first, false)
  else
    local length = month_length(year, begin.month)
    if begin.day <= length then days = { day_number(year, begin.month, begin.day) } end
  end
  return days, first
end

-- How long an event lasts, from one of its days: { days } or { seconds }.
local function end_of(self, event, day, from)
  if event.days then
    return unix(self, civil(day + event.days))
  end
  return from + event.seconds
end

-- Calls `each(from, to)` for the occurrences of an event that begin before `to`, from about `from` on.
local function expand(self, event, from, to, each)
  local start, rule_ = event.start, event.rule
  local zone = start.zone or self.zone
  local last = rule_ and rule_.last
  if last and last.is_whole_day then
    last = unix(self, { year = last.year, month = last.month, day = last.day + 1 }, zone) - 1
  elseif last then
    last = unix(self, last, zone)
  end
  -- False where it and all that come later are of no interest.
  local function occur(day)
    local at = civil(day)
    at.hour, at.min, at.sec = start.hour, start.min, start.sec
    local begins = unix(self, at, zone)
    if begins >= to or last and begins > last then return false end
    if not event.without[begins] then each(begins, end_of(self, event, day, begins)) end
    return true
  end
  local own = day_number(start.year, start.month, start.day)
  for _, extra in ipairs(event.also) do
    local begins = unix(self, extra, zone)
    if begins < to and not event.without[begins] then
      each(begins, end_of(self, event, day_number(extra.year, extra.month, extra.day), begins))
    end
  end
  if not rule_ then
    occur(own)
    return
  end
  local count, index = 0, 0
  if not rule_.count then
    -- Far back nothing is of interest: begin some periods before.
    local length = ({ DAILY = 1, WEEKLY = 7, MONTHLY = 31, YEARLY = 366 })[rule_.every] * rule_.interval
    local reach = (event.days or event.seconds // 86400) + 2
    index = math.max(0, (from // 86400 - own - reach) // length - 1)
  end
  local idle = 0
  while true do
    local days, first = period(rule_, start, index)
    if first * 86400 > to + 86400 * 2 then return end
    -- The first occurrence counts though the rule may not name it.
    if index == 0 and not (days[1] and days[1] <= own) then
      local named = false
      for _, day in ipairs(days) do named = named or day == own end
      if not named then table.insert(days, 1, own) end
    end
    idle = #days == 0 and idle + 1 or 0
    if idle > 10000 then return end
    for _, day in ipairs(days) do
      if day >= own then
        count = count + 1
        if rule_.count and count > rule_.count then return end
        if not occur(day) then return end
      end
    end
    index = index + 1
  end
end

-- Events --------------------------------------------------------------------------------------------

local function finish(self, reader, event)
  if event.is_cancelled and not event.instead_of then return end
  reader.line = event.line
  if not event.start then fail(reader, "the event has no DTSTART") end
  local start = event.start
  if event.stop and event.length then fail(reader, "the event has DTEND and DURATION, where one is allowed") end
  if event.stop and (event.stop.is_whole_day or false) ~= (start.is_whole_day or false) then
    fail(reader, "DTSTART and DTEND must both be days, or both times")
  end
  if start.is_whole_day then
    local own = day_number(start.year, start.month, start.day)
    event.days = event.stop and day_number(event.stop.year, event.stop.month, event.stop.day) - own
      or event.length and event.length // 86400 or 1
    if event.days < 1 then fail(reader, "the event ends before it begins") end
  else
    event.seconds = event.stop and unix(self, event.stop) - unix(self, start) or event.length or 0
    if event.seconds < 0 then fail(reader, "the event ends before it begins") end
  end
  local dates = event.without
  event.without = {}
  for _, at in ipairs(dates) do
    -- A day among times leaves out whatever begins on it: at the time of the first.
    if at.is_whole_day and not start.is_whole_day then at.hour, at.min, at.sec = start.hour, start.min, start.sec end
    event.without[unix(self, at, start.zone)] = true
  end
  self.list[#self.list + 1] = event
end

--- Reads the text of a calendar.
---@param text string
---@param options? calendar.options
---@param name? string what messages call it
---@return calendar.calendar
function calendar.parse(text, options, name)
  if type(text) ~= "string" then error("calendar.parse takes the text of a calendar", 2) end
  options = options or {}
  for option in pairs(options) do
    if option ~= "zone" and option ~= "zones" then
      error("calendar knows no option " .. tostring(option) .. "; it takes zone and zones", 2)
    end
  end
  if options.zone then run.date(0, options.zone) end
  local self = setmetatable({ zone = options.zone, list = {} }, methods)
  local reader = { name = name or "calendar", line = 1, zones = options.zones or {}, known = {} }
  local ok, problem = pcall(function()
    local inside, event, events = {}, nil, {}
    for _, line in ipairs(unfolded(text)) do
      reader.line = line.number
      local what, parameters, value = property(reader, line.text)
      local component = inside[#inside]
      if #inside == 0 and not (what == "BEGIN" and value:upper() == "VCALENDAR") then
        fail(reader, "a calendar begins with BEGIN:VCALENDAR")
      elseif what == "BEGIN" then
        local begun = value:upper()
        if #inside == 1 and begun ~= "VEVENT" and begun ~= "VTIMEZONE" and begun ~= "VTODO" and begun ~= "VJOURNAL" then
          fail(reader, begun .. " is not known; events are")
        elseif component == "VEVENT" and begun ~= "VALARM" then
          fail(reader, begun .. " inside of an event is not known")
        end
        inside[#inside + 1] = begun
        if begun == "VEVENT" then event = { line = line.number, without = {}, also = {}, summary = "" } end
      elseif what == "END" then
        if value:upper() ~= component then fail(reader, "END:" .. value .. " where " .. component .. " is open") end
        inside[#inside] = nil
        if component == "VEVENT" then events[#events + 1] = event end
      elseif component == "VEVENT" then
        if what == "DTSTART" then event.start = moment(reader, what, value, parameters)
        elseif what == "DTEND" then event.stop = moment(reader, what, value, parameters)
        elseif what == "DURATION" then event.length = duration(reader, what, value)
        elseif what == "RRULE" then
          if event.rule then fail(reader, "a second RRULE is not known") end
          event.rule = rule(reader, value)
        elseif what == "RDATE" then
          for _, at in ipairs(list(reader, what, value, parameters)) do event.also[#event.also + 1] = at end
        elseif what == "EXDATE" then
          for _, at in ipairs(list(reader, what, value, parameters)) do event.without[#event.without + 1] = at end
        elseif what == "RECURRENCE-ID" then
          if parameters.RANGE then fail(reader, "RECURRENCE-ID with a RANGE is not known") end
          event.instead_of = moment(reader, what, value, parameters)
        elseif what == "STATUS" then event.is_cancelled = value:upper() == "CANCELLED"
        elseif what == "SUMMARY" then event.summary = plain(value)
        elseif what == "UID" then event.uid = value
        elseif not harmless[what] and what:sub(1, 2) ~= "X-" then
          fail(reader, what .. " is not known")
        end
      end
    end
    if #inside > 0 then fail(reader, "the text ends before END:" .. inside[#inside]) end
    -- What stands in place of one occurrence of another event takes that out there.
    local masters = {}
    for _, one in ipairs(events) do
      if one.uid and not one.instead_of then masters[one.uid] = one end
    end
    for _, one in ipairs(events) do
      local master = one.instead_of and one.uid and masters[one.uid]
      if master then master.without[#master.without + 1] = one.instead_of end
    end
    for _, one in ipairs(events) do
      if not (one.instead_of and one.is_cancelled) then finish(self, reader, one) end
    end
  end)
  if not ok then error(tostring(problem), 2) end
  return self
end

local texts = {}

--- Reads a calendar that stands beside the script, or in a library; once a run.
---@async
---@param path string
---@param options? calendar.options
---@return calendar.calendar
function calendar.read(path, options)
  if type(path) ~= "string" then error("calendar.read takes the path of a file, such as \"holidays.ics\"", 2) end
  texts[path] = texts[path] or flow.step("calendar " .. path, function() return run.read(path) end)
  local ok, found = pcall(calendar.parse, texts[path], options, path)
  if not ok then error(found, 2) end
  return found
end

-- What scripts ask a calendar -----------------------------------------------------------------------

--- All that overlaps a span of time, in the order of its beginning.
---@param from integer unix time
---@param to integer unix time
---@return calendar.occurrence[]
function methods:events(from, to)
  if math.type(from) ~= "integer" or math.type(to) ~= "integer" then error("calendar:events takes two unix times", 2) end
  local found = {}
  for _, event in ipairs(self.list) do
    expand(self, event, from, to, function(begins, ends)
      -- What has no length is still at its moment.
      if begins < to and (ends > from or begins == ends and begins >= from) then
        found[#found + 1] = { from = begins, to = ends, summary = event.summary, is_whole_day = event.days ~= nil }
      end
    end)
  end
  table.sort(found, function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    return a.summary < b.summary
  end)
  return found
end

--- Whether a moment is in one of the events, and the name of that.
---@param time? integer unix time; else now
---@return boolean
---@return string? summary
function methods:is_blackout(time)
  time = time or os.time()
  for _, one in ipairs(self:events(time, time + 1)) do
    if one.to > time then return true, one.summary end
  end
  return false
end

local function clock(at) return string.format("%02d:%02d", at.hour, at.min) end

--- The events of the run's night as run.window's `blackout` takes them. The window's zone must be the calendar's.
---@return (string|string[])[]
function methods:blackout()
  local night = run.night
  local noon = run.time({ year = night.year, month = night.month, day = night.day, hour = 12 }, self.zone)
  local stop = run.time({ year = night.year, month = night.month, day = night.day + 1, hour = 12 }, self.zone)
  local spans = {}
  for _, one in ipairs(self:events(noon, stop)) do
    local from, to = math.max(one.from, noon), math.min(one.to, stop)
    local before = spans[#spans]
    if to > from then
      if before and from <= before[2] then
        before[2] = math.max(before[2], to)
      else
        spans[#spans + 1] = { from, to }
      end
    end
  end
  local found = json.array{}
  for _, span in ipairs(spans) do
    if span[1] <= noon and span[2] >= stop then return { night.date } end
    -- A window counts in minutes, and its last one ends with the night.
    local from, to = run.date(span[1], self.zone), run.date(math.min(span[2] + 59, stop - 60), self.zone)
    if clock(from) ~= clock(to) then found[#found + 1] = { clock(from), clock(to) } end
  end
  return found
end

return calendar
