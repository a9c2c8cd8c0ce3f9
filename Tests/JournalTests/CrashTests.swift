import Clock
import Journal
import Testing

@Suite struct CrashTests {
  @Test func `a writer that is killed leaves whole transactions only, and all that it was told of`()
    async throws
  {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    claim.release()
    var told: Set<Substring> = []
    for round in 1...8 {
      let child = Child("write", shelf.file, "a")
      #expect(child.line() == "claimed")
      for _ in 0..<(round * 37) { _ = child.line().map { told.insert($0.dropFirst(6)) } }
      child.kill()
      for line in child.rest() { told.insert(line.dropFirst(6)) }
      var groups: [Substring: Int] = [:]
      for step in try await journal.history(of: claim.run).steps {
        groups[step.key[..<step.key.lastIndex(of: ".")!], default: 0] += 1
      }
      #expect(groups.values.allSatisfy { $0 == 3 })
      #expect(told.subtracting(groups.keys) == [])
    }
  }

  @Test func `a writer that is killed damages nothing`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    claim.release()
    await journal.close()
    let child = Child("write", shelf.file, "a")
    for _ in 0..<100 { _ = child.line() }
    child.kill()
    // Opening checks the whole of a small file.
    let second = shelf.open()
    #expect(try await second.history(of: claim.run).steps.count >= 297)
  }
}
