import Clock
import CommandCenter
import CommandCenterAPI
import Console
import LuaVM
import Scripting
import Workflow

/// Whether the targets of a plan are known to the Command Centers that it is for: it reads, and sends nothing else.
struct PlanCheck {
  private let profiles: Profiles
  private let clock = SystemClock()

  init(_ profiles: Profiles) { self.profiles = profiles }

  /// What came of it.
  struct Findings {
    /// A sentence each, for the plan's end.
    var lines: [String] = []
    /// Whether all is known.
    var isGood = true
  }

  func findings(for plan: Plan) async -> Findings {
    var findings = Findings()
    var byPlace: [String: [Plan.Entry]] = [:]
    for entry in plan.submits { byPlace[entry.attempt.commcell, default: []].append(entry) }
    for (name, entries) in byPlace.sorted(by: { $0.key < $1.key }) {
      do throws(LuaFailure) {
        let profile = try name == Commcell.defaultName ? profiles.own : profiles.named(name)
        guard let profile else { throw LuaFailure(LuaFailure.noCommcell, profiles.wayOut) }
        let connection = try Connection(profile, clock: clock) { _ in }
        clock.hold()
        await look(entries, connection, &findings)
        await connection.center.logOut()
        clock.release()
        await connection.close()
      } catch {
        findings.isGood = false
        findings.lines.append("names were not checked: \(error.message)")
      }
    }
    return findings
  }

  private func look(_ entries: [Plan.Entry], _ connection: Connection, _ findings: inout Findings) async {
    var seen: Set<String> = []
    var (known, unknown) = (0, 0)
    for entry in entries where seen.insert("\(entry.request.workload) \(entry.request.target)").inserted {
      guard let workload = Workload.builtIn(named: entry.request.workload) else { continue }
      for var target in entry.request.targets {
        // The rehearsal's simulator has ids of its own for what has a name.
        for level in EntityLevel.allCases where target.name(level) != nil { target.setId(nil, of: level) }
        do throws(LookupFailure) {
          let given = EntityLevel.allCases.filter { target.id($0) != nil || target.name($0) != nil }
          guard let deepest = given.max() else { continue }
          _ = try await connection.center.identify(target, [deepest], of: workload)
          known += 1
        } catch {
          switch error {
          case .mistake(let mistake):
            unknown += 1
            findings.lines.append("not known: \(workload.name) \(target.path): \(mistake.message)")
          case .failed(let error):
            findings.isGood = false
            return findings.lines.append(
              "names were not checked at \(connection.place): \(error.description)")
          }
        }
      }
    }
    if unknown > 0 { findings.isGood = false }
    findings.lines.append(
      "\(known) of \(known + unknown) target\(known + unknown == 1 ? " is" : "s are") known at \(connection.place)"
    )
  }
}
