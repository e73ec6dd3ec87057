//! How the business counts an attempt: exactly one disposition each.

use serde::{Deserialize, Serialize};

/// The three families of dispositions.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    NotDialed,
    NotConnected,
    Connected,
}

macro_rules! dispositions {
    ($($family:ident { $($name:ident $code:literal $zh:literal),+ $(,)? })+) => {
        /// One per attempt. What the wire said is a [`super::HangupCause`], kept beside it.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Disposition {
            $($(#[serde(rename = $code)] $name,)+)+
        }

        impl Disposition {
            pub const ALL: &'static [Disposition] = &[$($(Disposition::$name,)+)+];

            /// The code used in files, the database and the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $($(Disposition::$name => $code,)+)+ }
            }

            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $($(Disposition::$name => $zh,)+)+ }
            }

            #[must_use]
            pub const fn family(self) -> Family {
                match self { $($(Disposition::$name)|+ => Family::$family,)+ }
            }
        }
    };
}

dispositions! {
    NotDialed {
        Canceled "canceled" "取消", Dnc "dnc" "禁呼", Consent "consent" "未授权", DailyCap "daily_cap" "频控",
        Window "window" "时段外", KnownBad "known_bad" "已知无效", BadCallerId "bad_caller_id" "外显未授权",
        NoTrunk "no_trunk" "无线路",
    }
    NotConnected {
        NoAnswer "no_answer" "无人接听", Busy "busy" "占线", Rejected "rejected" "拒接", PoweredOff "powered_off" "关机",
        Suspended "suspended" "停机/欠费", Invalid "invalid" "空号", NumberChanged "number_changed" "改号",
        Unreachable "unreachable" "无法接通", Barred "barred" "呼入限制", Forwarded "forwarded" "呼转",
        CarrierBlocked "carrier_blocked" "运营商拦截", NetworkBusy "network_busy" "网络忙",
        TrunkError "trunk_error" "线路故障", AuthError "auth_error" "鉴权失败", Abandoned "abandoned" "取消振铃",
    }
    Connected {
        Completed "completed" "正常完结", CalleeHangup "callee_hangup" "用户挂断", OptOut "opt_out" "拒绝再呼",
        Callback "callback" "预约回呼", Transferred "transferred" "转人工成功",
        TransferFailed "transfer_failed" "转人工未接", Voicemail "voicemail" "语音信箱", Assistant "assistant" "通信助理",
        Fax "fax" "传真", Ivr "ivr" "总机", NoMatch "no_match" "拒识超限", Silence "silence" "静默超限",
        NoInteraction "no_interaction" "无交互", RobotFailure "robot_failure" "机器人故障",
        Interrupted "interrupted" "异常中断",
    }
}

impl std::fmt::Display for Disposition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Disposition {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Disposition::ALL
            .iter()
            .find(|d| d.code() == s)
            .copied()
            .ok_or_else(|| format!("{s:?} is not a disposition"))
    }
}
