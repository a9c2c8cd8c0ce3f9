/// Random numbers: SplitMix64, of which the same state gives the same numbers.
public struct Chance: RandomNumberGenerator {
  var state: UInt64

  public init(state: UInt64) { self.state = state }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension Core {
  /// The next number that `math.random` draws from in a branch. What runs in none, such as a finalizer, draws from
  /// the main chunk's.
  func draw(for branch: Branch?) -> UInt64 {
    guard let branch, branch.parent != nil || branch.chance != nil else { return chance.next() }
    var own = branch.chance ?? Chance(state: chance.state ^ UInt64(branch.id) &* 0xBF58_476D_1CE4_E5B9)
    defer { branch.chance = own }
    return own.next()
  }

  /// Has a branch draw other numbers from now on.
  func seed(_ branch: Branch?, _ state: UInt64) {
    if let branch { branch.chance = Chance(state: state) } else { chance.state = state }
  }

  /// Has a branch draw numbers that hang on those that it drew from so far, until it goes on with what this gives.
  public func divertChance(of branch: Branch) -> Chance? {
    let state = draw(for: branch)
    defer { branch.chance = Chance(state: state) }
    return branch.chance
  }

  /// Gives a branch random numbers that hang on those of the branch that starts it, and on nothing else.
  public func deriveChance(of branch: Branch, from parent: Branch?) {
    branch.chance = Chance(state: draw(for: parent))
  }
}

extension Branch {
  /// Goes on with the numbers that ``Core/divertChance(of:)`` gave.
  public func restoreChance(_ chance: Chance?) { self.chance = chance }
}
