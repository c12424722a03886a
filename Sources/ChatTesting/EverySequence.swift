// SPDX-License-Identifier: MIT

/// Visits every sequence of events up to a length: a small world, explored completely.
///
/// Each sequence is visited once, right after its own beginning; the state after a beginning is
/// copied rather than made again, so that a world of n events costs n^depth steps and not depth ·
/// n^depth.
///
/// - Parameters:
///   - alphabet: what can happen.
///   - depth: the length of the longest sequences.
///   - initial: the state before anything has happened; a value type.
///   - step: applies the last event of the sequence to the state after the others, and checks the
///     result.
public func forEverySequence<Event, State>(
    of alphabet: [Event], depth: Int, from initial: State,
    step: (_ state: inout State, _ sequence: [Event]) throws -> Void
) rethrows {
    var sequence: [Event] = []
    sequence.reserveCapacity(depth)
    try extend(&sequence, of: alphabet, depth: depth, from: initial, step: step)
}

/// Visits every sequence of events up to a length, without any state carried along.
public func forEverySequence<Event>(
    of alphabet: [Event], depth: Int, visit: (_ sequence: [Event]) throws -> Void
) rethrows {
    try forEverySequence(of: alphabet, depth: depth, from: ()) { _, sequence in
        try visit(sequence)
    }
}

private func extend<Event, State>(
    _ sequence: inout [Event], of alphabet: [Event], depth: Int, from state: State,
    step: (inout State, [Event]) throws -> Void
) rethrows {
    guard sequence.count < depth else { return }
    for event in alphabet {
        var next = state
        sequence.append(event)
        try step(&next, sequence)
        try extend(&sequence, of: alphabet, depth: depth, from: next, step: step)
        sequence.removeLast()
    }
}
