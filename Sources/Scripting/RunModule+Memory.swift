import CommandCenterAPI
import LuaVM
import Workflow

/// `run.recall` and `run.remember`: what one run of a script tells the next.
extension RunModule {
  static var memoryEntries: [APIEntry] {
    [
      APIEntry(
        "run.recall", "(name: string): any", waits: true,
        """
        What the last run of this script that called run.remember(name, …) gave there; nil where none has. The \
        whole run gets the same value, after a crash as well. Runs are told apart by the script's path (all of -e \
        share one memory); a rehearsal, and a run without a journal, remember only until their ends.
        """,
        example: "local known = run.recall(\"clients\")  assert(known == nil)", recall),
      APIEntry(
        "run.remember", "(name: string, value: any)", waits: true,
        """
        Keeps a value, which JSON must hold, in the journal for the next runs of this script. It takes the place \
        of what had that name; nil forgets it. At most 1 MB.
        """,
        example: "run.remember(\"clients\", { \"aws-prod\" })", remember),
    ]
  }

  private static let most = 1 << 20

  private static func name(_ call: Stack, _ function: String) throws(LuaFailure) -> String {
    guard let name = call.string(1), !name.isEmpty, name.utf8.count <= 200 else {
      throw .argument("\(function): the name must be a string of 1 to 200 bytes, not \(call.quoted(1))")
    }
    return name
  }

  private static func recall(_ call: Stack) throws(LuaFailure) -> Reply {
    let name = try name(call, "run.recall")
    let session = Session.of(call)
    if let known = session.recalled[name] {
      push(call, known)
      return .values(1)
    }
    let (run, place) = (session.run, call.place)
    guard run.ledger != nil else {
      let value = session.remembered[name]
      session.recalled[name] = .some(value)
      push(call, value)
      return .values(1)
    }
    // Several branches may ask at once: all get the one answer.
    let answer =
      session.recalls[name]
      ?? Task(executorPreference: session.executor) { () async -> Result<[UInt8]?, RunStop> in
        do throws(RunStop) { return .success(try await run.recall(name, place: place)) } catch {
          return .failure(error)
        }
      }
    session.recalls[name] = answer
    return try session.wait(
      call,
      { () async throws(LuaFailure) -> [UInt8]? in
        switch await answer.value {
        case .success(let value): return value
        case .failure(let stop): throw LuaFailure(LuaFailure.unsafe, stop.sentence)
        }
      },
      { stack, value in
        Session.of(stack).recalled[name] = .some(value)
        push(stack, value)
        return 1
      })
  }

  private static func remember(_ call: Stack) throws(LuaFailure) -> Reply {
    let name = try name(call, "run.remember")
    var json = JSONWriter()
    do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 2, to: &json) } catch {
      throw .argument("run.remember: the value cannot be kept: \(error.sentence)")
    }
    let bytes = json.bytes
    guard bytes.count <= most else {
      throw .argument(
        "run.remember: the value is \(bytes.count >> 10) kB long; at most \(most >> 10) kB are kept")
    }
    let session = Session.of(call)
    let run = session.run
    guard run.ledger != nil else {
      session.remembered[name] = bytes
      return .none
    }
    return try session.wait(
      call,
      { () async throws(LuaFailure) in
        do throws(RunStop) { try await run.remember(name, bytes) } catch {
          throw LuaFailure(LuaFailure.unsafe, error.sentence)
        }
      },
      { _, _ in 0 })
  }

  private static func push(_ stack: Stack, _ bytes: [UInt8]?) {
    guard let bytes, bytes != Array("null".utf8) else { return stack.pushNil() }
    bytes.withUnsafeBufferPointer { bytes in
      // What we have written can be read.
      do { try LuaJSON.push(stack, bytes) } catch { stack.pushNil() }
    }
  }
}
