//! Any shape, layout, kernel and number of groups: fans or an error, never a panic, and fans that are
//! consistent with each other.
#![no_main]

use fanin::{Fan, Layout, Xavier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<usize>, u8, Option<usize>)| {
    let (shape, layout, groups) = input;
    let layout = [Layout::OutIn, Layout::InOut, Layout::TransposedInOut][usize::from(layout % 3)];
    let mut fan = Fan::from_shape(&shape, layout);
    if let Some(groups) = groups {
        fan = fan.groups(groups);
    }
    let usable = fan.check().is_ok();
    assert_eq!(usable, fan.fan_in() > 0 && fan.fan_out() > 0);
    assert_eq!(usable, Xavier::normal(fan).check().is_ok());
    if let [inputs, outputs, kernel @ ..] = &shape[..] {
        let conv = Fan::conv(*inputs, *outputs, kernel);
        assert_eq!(conv.check().is_ok(), conv.fan_in() > 0 && conv.fan_out() > 0);
    }
});
