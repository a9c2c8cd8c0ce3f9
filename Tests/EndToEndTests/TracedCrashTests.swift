import Glibc
import Testing

/// The kernel kills the run as it puts something on the disk: no hook of ours has a part in it.
@Suite("A run that dies as it writes to the disk", .serialized)
struct TracedCrashTests {
  /// The signal comes as the call is entered; each thread counts its calls for itself.
  private static func strace(_ number: Int) -> [String] {
    [
      Tracer.path, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e",
      "inject=fdatasync,fsync:signal=KILL:when=\(number)",
    ]
  }

  @Test("loses and doubles nothing, whichever of its writes that is", .enabled(if: Tracer.mayTrace))
  func everySynchronization() async throws {
    let night = CrashNight()
    let (undisturbed, _) = try await night.undisturbed()
    var kills = 0
    var failures: [String] = []
    // In parts, until there are no more writes.
    for start in stride(from: 1, to: 400, by: 6) {
      let ends = try await few(Array(start..<(start + 6))) { number -> (Bool, String?) in
        let folder = try Folder()
        let first = try await night.start(folder, [:], by: Self.strace(number))
        guard first.code == 128 + SIGKILL else { return (false, nil) }
        let got = try await night.end(folder, first, undisturbed)
        return (true, got == undisturbed ? nil : "fdatasync \(number): \(got), not \(undisturbed)")
      }
      kills += ends.count { $0.0 }
      failures += ends.compactMap(\.1)
      if !ends.contains(where: \.0) { break }
    }
    print("crash test: \(kills) kills at fdatasync, \(failures.count) failures")
    #expect(kills > 10)
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  @Test(
    "loses and doubles nothing when it dies as the simulator's state is made", .enabled(if: Tracer.mayTrace))
  func everyWriteOfTheState() async throws {
    let night = CrashNight()
    let (undisturbed, _) = try await night.undisturbed()
    let failures = try await few(Array(1...10)) { number -> String? in
      let folder = try Folder()
      let first = try await night.start(
        folder, [:],
        by: [
          Tracer.path, "-f", "-qq", "-o", "/dev/null", "-P", "\(folder.path)/simulator.db", "-P",
          "\(folder.path)/simulator.db-journal", "-e", "trace=pwrite64", "-e",
          "inject=pwrite64:signal=KILL:when=\(number)",
        ])
      guard first.code == 128 + SIGKILL else { return number < 5 ? "write \(number) did not come" : nil }
      let got = try await night.end(folder, first, undisturbed)
      return got == undisturbed ? nil : "write \(number): \(got), not \(undisturbed)"
    }
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }
}
