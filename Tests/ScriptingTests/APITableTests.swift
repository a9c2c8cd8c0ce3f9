import Testing

@Suite("The API table is complete")
struct APITableTests {
  @Test("Each entry has its signature, a summary that is a sentence, and an example that runs")
  func entries() async throws {
    let entries = try await Rehearsal().entries
    #expect(entries.count >= 38)
    for entry in entries {
      let word = entry.name.split { ".:".contains($0) }.last.map(String.init) ?? entry.name
      #expect(entry.signature.contains(word) || entry.name.hasPrefix("workload"), "\(entry.name)")
      #expect(entry.summary.hasSuffix(".") && entry.summary.first!.isUppercase, "\(entry.name)")
      let said = await (try Rehearsal()).value("local log = log\n" + entry.example)
      #expect(said == "nothing", "\(entry.name): \(said)")
    }
  }

  @Test("Every function that scripts find in the API's globals has an entry")
  func coverage() async throws {
    let rehearsal = try await Rehearsal()
    let names = Set(rehearsal.entries.map(\.name))
    let found = await rehearsal.value(
      """
      local found = {}
      for _, module in ipairs{ "flow", "run", "log", "json" } do
        for name, value in pairs(_G[module]) do
          if type(value) == "function" then found[#found + 1] = module .. "." .. name end
        end
      end
      for _, name in ipairs{ "commcell", "job" } do found[#found + 1] = name end
      table.sort(found)
      return table.concat(found, " ")
      """)
    for name in found.split(separator: " ") { #expect(names.contains(String(name)), "\(name)") }
    for method in names where method.hasPrefix("commcell:") || method.hasPrefix("job:") {
      let name = method.split(separator: ":")[1]
      let object = method.hasPrefix("job:") ? "job(1)" : "commcell()"
      #expect(await rehearsal.value("return type(\(object).\(name))") == "function", "\(method)")
    }
  }
}
