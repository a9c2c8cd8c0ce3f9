--- Numbers, times and tables as people read them.
---
---     local fmt = require "fmt"
---     print(fmt.size(1234567890), fmt.duration(444), fmt.time(0, "Europe/Berlin"))
---     print(fmt.table({ { "crm", 32839578092 }, { "orders", 38e9 } }, { "target", { title = "size", as = fmt.size } }))
---
--- prints
---
---     1.2 GB	7m 24s	1970-01-01 01:00:00
---     target     size
---     crm     32.8 GB
---     orders  38.0 GB

---@class fmt
local fmt = {}

local units = { "B", "kB", "MB", "GB", "TB", "PB", "EB" }

local function number(value, what, from)
  if type(value) ~= "number" or value ~= value then
    error(what .. ", not " .. (type(value) == "string" and value or "a " .. type(value)), 3)
  end
  if from and value < from then error(what .. ", not " .. value, 3) end
  return value
end

--- A number of bytes with three digits or so: `12.3 GB`; a thousand bytes are a kB.
---@param bytes number
---@return string
function fmt.size(bytes)
  local value = number(bytes, "fmt.size takes a number of bytes from 0", 0)
  local unit = 1
  while value >= 999.5 and unit < #units do value, unit = value / 1000, unit + 1 end
  if unit == 1 then return string.format("%d B", math.floor(value + 0.5)) end
  return string.format(value < 99.95 and "%.1f %s" or "%.0f %s", value, units[unit])
end

--- A number of seconds in at most two units: `42s`, `6m 05s`, `7h 12m`, `2d 3h`.
---@param seconds number
---@return string
function fmt.duration(seconds)
  local value = number(seconds, "fmt.duration takes a number of seconds from 0", 0)
  if value > 0 and value < 1 then return string.format("%dms", math.floor(value * 1000 + 0.5)) end
  local whole = math.floor(value + 0.5)
  if whole < 60 then return whole .. "s" end
  if whole < 3600 then return string.format("%dm %02ds", whole // 60, whole % 60) end
  if whole < 86400 then return string.format("%dh %02dm", whole // 3600, whole % 3600 // 60) end
  return string.format("%dd %dh", whole // 86400, whole % 86400 // 3600)
end

--- A moment as `2026-11-21 22:04:05`.
---@param time integer unix time
---@param zone? string such as "Europe/Berlin"; else the machine's
---@return string
function fmt.time(time, zone)
  local at = run.date(number(time, "fmt.time takes a unix time") // 1 | 0, zone)
  return string.format("%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month, at.day, at.hour, at.min, at.sec)
end

--- The day of a moment, as `2026-11-21`.
---@param time integer unix time
---@param zone? string such as "Europe/Berlin"; else the machine's
---@return string
function fmt.date(time, zone)
  local at = run.date(number(time, "fmt.date takes a unix time") // 1 | 0, zone)
  return string.format("%04d-%02d-%02d", at.year, at.month, at.day)
end

--- The items of a list in a sentence: `a, b, c and 4 more`.
---@param list any[]
---@param most? integer so many are named; else ten
---@return string
function fmt.list(list, most)
  if type(list) ~= "table" then error("fmt.list takes a list, not " .. tostring(list), 2) end
  most = most or 10
  local words = {}
  for i = 1, math.min(#list, most) do words[i] = tostring(list[i]) end
  local text = table.concat(words, ", ")
  return #list > most and text .. " and " .. #list - most .. " more" or text
end

local function width(text) return utf8.len(text) or #text end

local function pad(text, columns, isRight)
  local blanks = (" "):rep(columns - width(text))
  return isRight and blanks .. text or text .. blanks
end

---@class fmt.column
---@field key? string the field of a row that is a record; else the row's next item
---@field title? string what stands above it; else the key
---@field as? fun(value: any): string how a value is shown, such as fmt.size
---@field align? "left"|"right" else right where all values are numbers

--- Rows below each other, in columns that are as wide as they must be.
---@param rows any[][]|table<string, any>[] lists, or records with the columns' keys
---@param columns? (string|fmt.column)[] names of columns, or tables; needed for records
---@return string text without a newline at its end
function fmt.table(rows, columns)
  if type(rows) ~= "table" then error("fmt.table takes a list of rows, not " .. tostring(rows), 2) end
  local wanted, hasTitles = {}, false
  if columns ~= nil and type(columns) ~= "table" then
    error("fmt.table: columns must be a list such as { \"target\", { key = \"bytes\", as = fmt.size } }", 2)
  end
  if columns then
    for i, column in ipairs(columns) do
      if type(column) == "string" then column = { key = column } end
      if type(column) ~= "table" then error("fmt.table: column " .. i .. " must be a name or a table", 2) end
      local title = column.title or column.key
      hasTitles = hasTitles or title ~= nil
      wanted[i] = { key = column.key, title = title or "", as = column.as, align = column.align }
    end
  else
    local most = 0
    for _, row in ipairs(rows) do most = math.max(most, type(row) == "table" and #row or 0) end
    for i = 1, most do wanted[i] = { title = "" } end
  end
  local cells, widths, right = {}, {}, {}
  for i, column in ipairs(wanted) do
    widths[i] = width(column.title)
    right[i] = column.align ~= "left"
  end
  for r, row in ipairs(rows) do
    if type(row) ~= "table" then error("fmt.table: row " .. r .. " is no table", 2) end
    cells[r] = {}
    for i, column in ipairs(wanted) do
      local value = row[i]
      if column.key and value == nil then value = row[column.key] end
      if value == nil or value == json.null then
        value = ""
      else
        if type(value) ~= "number" and column.align ~= "right" then right[i] = false end
        value = column.as and column.as(value) or tostring(value)
      end
      cells[r][i] = (value:gsub("%c", " "))
      widths[i] = math.max(widths[i], width(cells[r][i]))
    end
  end
  local lines = {}
  local function add(row)
    local words = {}
    for i = 1, #wanted do words[i] = pad(row[i], widths[i], right[i]) end
    lines[#lines + 1] = (table.concat(words, "  "):gsub(" +$", ""))
  end
  if hasTitles then
    local titles = {}
    for i, column in ipairs(wanted) do titles[i] = column.title end
    add(titles)
  end
  for _, row in ipairs(cells) do add(row) end
  return table.concat(lines, "\n")
end

return fmt
