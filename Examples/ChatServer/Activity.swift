// SPDX-License-Identifier: MIT

import ChatActivityLog

/// What was set about the activity log.
struct ActivitySettings {
    /// Where it is; `nil`: there is none.
    var directory: String?
    var options = ActivityLogOptions()

    init() {}

    init(directory: String, days: Int, includesContent: Bool) throws(Settings.Problem) {
        options.keptDays = days
        options.includesContent = includesContent
        switch directory {
        case "off": break
        case "": throw Settings.Problem(text: "--activity-log: give a directory, or off")
        default: self.directory = directory
        }
    }

    /// Opens it.
    func makeLog(_ log: Log) async throws -> FileActivityLog? {
        guard let directory else { return nil }
        let activity = FileActivityLog(directory: directory, options: options) { notice in
            switch notice {
            case .losing(let problem):
                log.write(.error, "activity_log_loses_lines", ["advice": problem.description])
            case .recovered(let count):
                log.write(.warning, "activity_log_goes_on", ["lost_lines": "\(count)"])
            case .notRemoved(let problem):
                log.write(.warning, "activity_log_keeps_files", ["advice": problem.description])
            }
        }
        do throws(ActivityLogProblem) {
            try await activity.open()
        } catch {
            throw Settings.Problem(
                text: "--activity-log \(directory) cannot be used: \(error); "
                    + "give another directory, or --activity-log off")
        }
        return activity
    }
}
