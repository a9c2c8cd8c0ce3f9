local how = ...
local gc = setmetatable({}, {__gc = function() print('collected') end})
local g <close> = setmetatable({}, {__close = function() print('closed') end})
io.write('buffered ')
if how == 'plain' then os.exit(3)
elseif how == 'pcall' then pcall(os.exit, 4) print 'not reached'
elseif how == 'coroutine' then coroutine.wrap(function() os.exit(5) end)() print 'not reached'
elseif how == 'sort' then table.sort({3,2,1}, function() os.exit(6) end) print 'not reached'
elseif how == 'true' then os.exit(true)
elseif how == 'false' then os.exit(false)
elseif how == 'close' then os.exit(7, true)
elseif how == 'gc' then setmetatable({}, {__gc = function() os.exit(8) end}) collectgarbage() print 'not reached'
elseif how == 'handler' then xpcall(error, function() os.exit(9) end) print 'not reached'
elseif how == 'tostring' then print(setmetatable({}, {__tostring = function() os.exit(10) end}))
elseif how == 'require' then package.preload.x = function() os.exit(11) end require 'x'
elseif how == 'error' then error('uncaught')
elseif how == 'table' then error({})
elseif how == 'tostringerr' then error(setmetatable({}, {__tostring = function() return 'mine' end}))
elseif how == 'return' then return 5
elseif how == 'gcatclose' then local t = setmetatable({}, {__gc = function() os.exit(12) end}) _G.t = t return
elseif how == 'gsub' then ('x'):gsub('x', function() os.exit(13, true) end)
elseif how == 'hook' then debug.sethook(function() os.exit(14) end, 'l')
 print 'not reached'
elseif how == 'closeincoro' then coroutine.wrap(function() local h <close> = setmetatable({}, {__close = function() print 'inner' end}) os.exit(15, true) end)()
elseif how == 'nested' then local ok = pcall(function() local h <close> = setmetatable({}, {__close = function() print 'inner' end}) os.exit(16, true) end)
end
