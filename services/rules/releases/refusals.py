"""Why a release cannot be changed or taken a step further."""

from shared.problems import Conflict, InvalidRequest
from shared.values.bilingual import Bilingual


class ReleaseNotDraft(Conflict):
    code = "release-not-draft"
    title = Bilingual("只有草稿可以修改", "Only a draft can be changed")


class StepNotPossible(Conflict):
    code = "release-step-not-possible"
    title = Bilingual("该政策版本的状态不允许此步骤", "The release is not in a state for this step")


class BaseNotApproved(Conflict):
    code = "release-base-not-approved"
    title = Bilingual("依据的版本未获批准", "The release to start from is not approved")


class ReleaseNotReady(InvalidRequest):
    code = "release-not-ready"
    title = Bilingual("该政策版本尚不能提请批准", "The release cannot be proposed yet")


class SecondPersonNeeded(Conflict):
    code = "second-person-needed"
    title = Bilingual("须由另一人批准", "Another person has to approve")


class ImpactNotComputed(Conflict):
    code = "impact-not-computed"
    title = Bilingual("影响尚未测算", "The impact is not computed")


class ImpactOutdated(Conflict):
    code = "impact-outdated"
    title = Bilingual("影响测算已过时", "The impact is out of date")


class ImpactInProgress(Conflict):
    code = "impact-in-progress"
    title = Bilingual("影响正在测算", "The impact is being computed")


class DateTaken(Conflict):
    code = "release-date-taken"
    title = Bilingual("该施行日期已被占用", "Another release takes force on that day")


class FilesRefused(InvalidRequest):
    code = "policy-files-refused"
    title = Bilingual("政策文件不合要求", "The policy's files are refused")
