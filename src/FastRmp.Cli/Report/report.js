(function () {
  'use strict';
  var box = document.getElementById('memory');
  if (!box) { return; }
  var data = JSON.parse(document.getElementById('memory-data').textContent);
  var policy = document.getElementById('memory-policy');
  var time = document.getElementById('memory-time');
  var now = document.getElementById('memory-now');
  var guests = [1, 2, 3].map(function (level) { return box.querySelector('.guest' + level); });
  var split = box.querySelector('svg .split');

  function levels(text) {
    var all = [];
    text.replace(/([a-d])(\d*)/g, function (run, letter, count) {
      for (var left = count ? Number(count) : 1; left > 0; left--) { all.push(letter.charCodeAt(0) - 97); }
      return '';
    });
    return all;
  }

  function path(all, level, top, height) {
    var text = '';
    for (var start = 0, end; all.length > start; start = end) {
      end = start + 1;
      if (all[start] !== level) { continue; }
      while (all.length > end ? all[end] === level ? end % data.columns !== 0 : false : false) { end++; }
      var width = (end - start) * data.cell;
      text += 'M' + (data.left + start % data.columns * data.cell) + ' ' + (Math.floor(start / data.columns) * data.cell + top) +
        'h' + width + 'v' + height + 'h-' + width + 'z';
    }
    return text;
  }

  function count(all) { return all.filter(function (level) { return level !== 0; }).length; }

  function draw() {
    var frame = Number(time.value);
    var chosen = data.policies[Number(policy.value)];
    var owned = levels(data.guests[chosen.guests][frame]);
    var splits = levels(chosen.splits[frame]);
    guests.forEach(function (one, index) { one.setAttribute('d', path(owned, index + 1, 0, 9)); });
    split.setAttribute('d', path(splits, 1, 7, 2) + path(splits, 2, 5, 4));
    now.textContent = data.times[frame] + ': guests own pages in ' + count(owned) + ' cells, ' + count(splits) + ' split';
    time.setAttribute('aria-valuetext', data.times[frame]);
  }

  policy.addEventListener('change', draw);
  time.addEventListener('input', draw);
  document.documentElement.classList.add('moves');
  box.hidden = false;
  draw();
}());
