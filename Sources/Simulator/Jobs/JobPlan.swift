import Clock
import CommandCenterAPI
import Glibc

/// What will become of a submit: its timeline and its volume, drawn from dice that only the seed, the target,
/// the level and the count of its submits decide.
struct JobPlan {
  let timeline: Timeline
  let volume: SimulatedJob.Volume

  /// - Parameters:
  ///   - target: names the subclient, whatever order branches submit in.
  ///   - ordinal: how many-th submit of this target and level it is, from 1.
  ///   - queuedUntil: before that, the job waits behind another one.
  init(
    _ kind: Kind, target: String, level: BackupLevel, ordinal: Int, seed: UInt64, start: Moment,
    queuedUntil: Moment? = nil, isSuspended: Bool = false, faults: [Fault]
  ) {
    // How large a target is stays the same from submit to submit.
    var ofTarget = Dice(seed: seed, for: "size", kind.rawValue, target)
    let place = ofTarget.unit()
    let fullSize = kind.bytes.at(place)
    var dice = Dice(seed: seed, for: "job", kind.rawValue, target, level.rawValue, String(ordinal))

    var volume = SimulatedJob.Volume(size: 0, files: 0, savings: 40 + 30 * ofTarget.unit())
    let part =
      level == .full || level == .syntheticFull ? 0.98 + 0.04 * dice.unit() : 0.01 + 0.07 * dice.unit()
    volume.size = Int64(fullSize * part)
    volume.files = max(1, Int64(fullSize * part / 40e6))

    let seconds = kind.seconds(level).at(0.7 * place + 0.3 * dice.unit()).rounded()
    var timeline = Timeline(start: start)
    if let queuedUntil, queuedUntil > start {
      timeline.add(.queued, "", for: queuedUntil - start, reason: "Another job of the subclient is running.")
    }
    timeline.add(.waiting, "", for: .seconds(dice.integer(in: 2...25)))

    var ending = JobStatus.completed
    var reason = ""
    for fault in faults {
      switch fault {
      case .fail: (ending, reason) = (.failed, kind.reasonToFail)
      case .failedToStart: (ending, reason) = (.failedToStart, "The access node is offline.")
      case .killed: (ending, reason) = (.killed, "The job was killed by an administrator.")
      case .committed: (ending, reason) = (.committed, "The job was committed by an administrator.")
      case .warnings: (ending, reason) = (.completedWithWarnings, "Some settings could not be read.")
      case .errors:
        (ending, reason) = (.completedWithErrors, "Some objects could not be read.")
        volume.failedFiles = Int64(dice.integer(in: 1...12))
      case .pending(let duration):
        timeline.add(.pending, "", for: duration, reason: "No resources are available for the job.")
      default: break
      }
    }
    if ending != .failedToStart {
      // Such jobs stop somewhere in the middle.
      let stopsEarly = ending == .failed || ending == .killed || ending == .committed
      let stop = stopsEarly ? 0.2 + 0.6 * dice.unit() : 1
      var total = Duration.seconds(Int64(seconds))
      for case .slow(let more) in faults { total += more }
      Self.run(kind, for: total, upTo: stop, &timeline)
      for case .status(let text) in faults {
        timeline.interrupt(JobStatus(text), for: .seconds(600), reason: "")
      }
      if ending == .killed { timeline.add(.killPending, "", for: .seconds(8)) }
    }
    timeline.end(ending, reason: reason)
    if isSuspended { _ = timeline.pause(at: start) }
    self.timeline = timeline
    self.volume = volume
  }

  /// The phases one after the other, up to the part `stop` of the whole work.
  private static func run(_ kind: Kind, for total: Duration, upTo stop: Double, _ timeline: inout Timeline) {
    var done = 0.0
    for phase in kind.phases where done < stop {
      let part = min(phase.share, stop - done)
      done += part
      let seconds = (total.inSeconds * part).rounded(.up)
      timeline.add(.running, phase.name, for: .seconds(Int64(seconds)), upTo: done)
    }
  }
}

extension ClosedRange<Double> {
  /// The value at a place from 0 to 1, each step multiplying: small ones are as frequent as large ones.
  func at(_ place: Double) -> Double {
    lowerBound * pow(upperBound / lowerBound, place)
  }
}
