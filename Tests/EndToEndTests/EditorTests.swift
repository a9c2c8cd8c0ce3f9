import Glibc
import Testing

@Suite("cvlua init, for editors")
struct EditorTests {
  private func run(_ program: String, _ arguments: [String], in folder: Folder) async throws -> Child.Ending {
    try await Child(program, arguments, in: folder.path, environment: Place.environment).ending()
  }

  @Test("luacheck finds nothing in the scripts and modules of the project")
  func project() async throws {
    let folder = try Folder()
    #expect(try await run(Place.cvlua, ["init"], in: folder).code == 0)
    symlink("\(Place.package)/stdlib", "\(folder.path)/stdlib")
    let looked = try await run(
      "/usr/bin/luacheck", ["--no-color", "--codes", "scripts", "stdlib"], in: folder)
    #expect(looked.code == 0, "\(looked.output)\(looked.errors)")
    #expect(looked.output.contains("nightly.lua") && looked.output.contains("ladder.lua"))
  }

  @Test(
    "luacheck finds what no script has",
    arguments: [
      ("flow.mpa({}, print)", "'mpa' of global 'flow'"), ("print(run.nite)", "'nite' of global 'run'"),
      ("os.execute 'ls'", "'execute' of global 'os'"), ("dofile 'x.lua'", "undefined variable 'dofile'"),
      ("backup = {}", "read-only global variable 'backup'"), ("log.warn 'x'", "'warn' of global 'log'"),
    ])
  func mistakes(_ code: String, _ found: String) async throws {
    let folder = try Folder()
    _ = try await run(Place.cvlua, ["init", "editor"], in: folder)
    try folder.write("x.lua", code + "\n")
    let looked = try await run("/usr/bin/luacheck", ["--no-color", "x.lua"], in: folder)
    #expect(looked.code == 1 && looked.output.contains(found), "\(looked.output)\(looked.errors)")
  }

  @Test("All that it writes is what Lua, and a reader of JSON, takes; the modules are those of the binary")
  func files() async throws {
    let folder = try Folder()
    let made = try await run(Place.cvlua, ["init"], in: folder)
    #expect(made.code == 0 && made.output.isEmpty)
    let library = "\(folder.path)/.cvlua"
    let definitions = try File.read("\(library)/cvlua.lua")
    #expect(definitions.contains("\n---@meta _\n"))
    let ladder = try File.read("\(library)/ladder.lua")
    #expect(ladder.hasSuffix(try File.read("\(Place.package)/stdlib/ladder.lua")))
    for file in ["cvlua.lua", "ladder.lua", "notify.lua"] {
      #expect(
        try await run("/usr/bin/luac5.4", ["-p", "\(library)/\(file)"], in: folder).code == 0, "\(file)")
    }
    let asked = try await run(
      Place.cvlua,
      [
        "--trusted", "-e",
        "local f <close> = io.open '.luarc.json' print(json.decode(f:read 'a')['workspace.library'][1])",
      ],
      in: folder)
    #expect(asked.output == ".cvlua\n", "\(asked.errors)")
  }

  @Test("What is somebody's own is left alone, with a sentence; what is cvlua's is written anew")
  func others() async throws {
    let folder = try Folder()
    try folder.write(".luarc.json", "{}\n")
    mkdir("\(folder.path)/.cvlua", 0o755)
    try folder.write(".cvlua/cvlua.lua", "-- Written by cvlua for editors: an older one.\n")
    try folder.write(".cvlua/notify.lua", "return 'mine'\n")
    let made = try await run(Place.cvlua, ["init"], in: folder)
    #expect(made.code == 0)
    for file in [".luarc.json", ".cvlua/notify.lua"] {
      #expect(
        made.errors.contains("./\(file) is there already and says something else, so it is left alone\n"))
    }
    #expect(try File.read("\(folder.path)/.luarc.json") == "{}\n")
    #expect(try File.read("\(folder.path)/.cvlua/notify.lua") == "return 'mine'\n")
    #expect(try File.read("\(folder.path)/.cvlua/cvlua.lua").contains("---@class cvlua.task\n"))
  }
}
