import Testing

@Suite("The standard library")
struct StdlibTests {
  /// The names of the files in stdlib/.
  static let modules = File.names(in: "\(Place.package)/stdlib", ending: ".lua")

  private static func text(_ module: String) throws -> [String] {
    try File.read("\(Place.package)/stdlib/\(module).lua").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
  }

  @Test("There are modules, and the binary knows no others")
  func all() async throws {
    #expect(Self.modules.count >= 2)
    let folder = try Folder()
    let names = Self.modules.map { "'\($0)'" }.joined(separator: ", ")
    let child = try await Child(
      Place.cvlua, ["-e", "for _, name in ipairs{ \(names) } do assert(require(name)) end"], in: folder.path,
      environment: Place.environment
    ).ending()
    #expect(child.code == 0, "\(child.errors)")
    let table = try File.read("\(Place.package)/Sources/CStdlib/stdlib.c")
    #expect(table.split(separator: "\n#embed").count - 1 == Self.modules.count)
  }

  /// The blocks of code in a module's header, each with what it prints where that is said.
  private static func examples(_ module: String) throws -> [(code: String, output: String?)] {
    var blocks: [(code: String, output: String?)] = []
    var block: [String] = []
    var isOutput = false
    func end() {
      guard !block.isEmpty else { return }
      let text = block.joined(separator: "\n") + "\n"
      if isOutput { blocks[blocks.count - 1].output = text } else { blocks.append((text, nil)) }
      (block, isOutput) = ([], false)
    }
    var isApart = false
    for line in try text(module) {
      guard line.hasPrefix("---") else { break }
      defer { isApart = line == "---" }
      // Else it is a line of text that goes on.
      if line.hasPrefix("---     "), isApart || !block.isEmpty {
        block.append(String(line.dropFirst(8)))
      } else if line == "---", !block.isEmpty {
        end()
      } else if line == "--- prints" {
        isOutput = true
      }
    }
    end()
    return blocks
  }

  @Test("The header of a module says what it is for, with an example that runs", arguments: modules)
  func example(_ module: String) async throws {
    let first = try #require(try Self.text(module).first)
    #expect(first.hasPrefix("--- ") && first.hasSuffix("."), "\(first)")
    let examples = try Self.examples(module)
    #expect(!examples.isEmpty)
    for example in examples {
      let folder = try Folder()
      try folder.write("example.lua", example.code)
      try folder.write("holidays.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
      let child = try await Child(
        Place.cvlua, ["--simulate", "--at", "2026-11-21T22:00", "example.lua"], in: folder.path,
        environment: Place.environment
      ).ending()
      #expect(child.code < 64, "\(example.code)\(child.errors)")
      if let output = example.output { #expect(child.output == output) }
    }
  }

  @Test("Each function of a module has its text and its types for editors", arguments: modules)
  func annotations(_ module: String) throws {
    let lines = try Self.text(module)
    #expect(lines.contains { $0.hasPrefix("---@return") || $0.hasPrefix("---@class") }, "\(module)")
    for (index, line) in lines.enumerated() where line.hasPrefix("function \(module)") {
      var above = lines[..<index].reversed().prefix { $0.hasPrefix("---") }.map { $0 }
      let types = above.filter { $0.hasPrefix("---@") }
      above.removeAll { $0.hasPrefix("---@") }
      #expect(!above.isEmpty, "\(module).lua:\(index + 1): \(line) has no text")
      let hasParameters = !line.contains("()")
      #expect(
        !hasParameters || types.contains { $0.hasPrefix("---@param") },
        "\(module).lua:\(index + 1): \(line) has no types")
    }
  }
}
