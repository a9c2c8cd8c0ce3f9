#!/usr/bin/env lua5.4
print(#arg, arg[1], arg[2], arg[0], ...)
print(select('#', ...))
