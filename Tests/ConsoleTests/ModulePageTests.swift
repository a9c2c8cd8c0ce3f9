import Console
import Testing

@Suite("The page of a module")
struct ModulePageTests {
  @Test("Its header, functions and tables come from its comments")
  func all() {
    let source = """
      --- Finds things.
      ---
      ---     find.all()

      ---@class find.options
      ---@field name? string|string[] what it is called
      ---@field by fun(a: any, b: any): boolean how it is sorted

      ---@class find.list
      local methods = {}

      -- Not for others.
      local function secret() end

      --- All of it.
      ---@async
      ---@param what string
      ---@param options? find.options
      ---@return cvlua.entity[]
      ---@return integer count
      function find.all(what, options) end

      --- How many.
      ---@return integer
      function methods:count() end
      """
    #expect(
      ModulePage.text("find", source)
        == """
        require "find"

        Finds things.

            find.all()

        find.all(what [, options]) -> entity[], count
          All of it.

        find.list:count() -> integer
          How many.

        find.options
          name?  string|string[]               what it is called
          by     fun(a: any, b: any): boolean  how it is sorted

        """)
    #expect(
      ModulePage.names("find", source)
        == ["find.all", "find.list:count", "find.options", "find.list", "find.name", "find.by"])
  }

  @Test("A module that is a function is called by its own name; ends of lines may be those of Windows")
  func function() {
    let source =
      "#!/usr/bin/env cvlua\r\n-- Climbs.\r\n\r\n---@param options? table\r\n---@return async fun(n: integer): any\r\nreturn function(options) end\r\n"
    #expect(
      ModulePage.text("climb", source)
        == "require \"climb\"\n\nClimbs.\n\nclimb([options]) -> async fun(n: integer): any\n")
  }

  @Test(
    "One that says nothing has none; a comment that nobody ended is no harm",
    arguments: ["", "return {}\n", "local x = 1\n--- late\n"])
  func nothing(_ source: String) {
    #expect(ModulePage.text("m", source) == nil)
  }

  @Test("Brackets that do not fit are taken as they are")
  func broken() {
    let page = ModulePage.text(
      "m", "-- M.\n\n---@class m.o\n---@field x fun((( what\n---@field\n---@return\nfunction m.f()\n")
    #expect(page?.contains("m.f()") ?? false)
  }
}
